import { readdirSync, readFileSync } from 'node:fs';

/** A process as Linux tells it in /proc/PID/stat. */
export interface ProcessEntry {
  readonly pid: number;
  readonly session: number;
  /** Clock ticks since the machine started: with the pid it names one process for good. */
  readonly startTicks: number;
}

/** Reads one process; undefined when there is none of that pid (or no /proc). */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, a name in parentheses, may contain anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, session: Number(fields[3]), startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** The processes of a session that started no earlier than its leader did: the leader and what it left behind. */
export function sessionMembers(leader: { pid: number; startTicks: number }): ProcessEntry[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry?.session === leader.pid && entry.startTicks >= leader.startTicks)
    .filter((entry) => entry !== undefined);
}
