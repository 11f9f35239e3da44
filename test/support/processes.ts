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

/** How many connections to `port` of this machine each of the processes has. Their kernel's own tables say so. */
export function connectionsAt(port: number, pids: readonly number[]): number[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const ESTABLISHED = '01';
  const sockets = new Set(
    readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(local) === true && fields[3] === ESTABLISHED)
      .map((fields) => `socket:[${fields[9]}]`),
  );
  return pids.map((pid) => {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).filter((fd) => sockets.has(linkTarget(`${folder}/${fd}`))).length;
  });
}

function linkTarget(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // closed meanwhile
  }
}
