/** The processes of this machine, as /proc shows them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly command: string;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ''; // ended meanwhile, or somebody else's
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Processes whose command line, working folder or environment names `text`; this one apart. */
export function processesNaming(text: string): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`) }))
    .filter(
      ({ pid, command }) =>
        command.includes(text) ||
        workingFolder(pid).includes(text) ||
        read(`/proc/${pid}/environ`).includes(text),
    );
}
