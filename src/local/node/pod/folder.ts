import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readProcess, sessionMembers } from '../process/processTable.js';

const PRIVATE = 0o700;

/** Where a pod's volumes, logs and process records are: `HOME/pods/UID`, for its owner's eyes alone. */
export function podFolder(home: string, uid: string): string {
  return join(home, 'pods', uid);
}

/** The log of one run of a container; its folder exists afterwards. */
export function logPath(folder: string, container: string, restartCount: number): string {
  return join(folder, 'logs', container, `${restartCount}.log`);
}

/** Makes the pod's folders. Idempotent. */
export function preparePodFolder(folder: string, containers: readonly string[]): void {
  mkdirSync(join(folder, 'processes'), { recursive: true, mode: PRIVATE });
  mkdirSync(join(folder, 'volumes'), { recursive: true, mode: PRIVATE });
  for (const name of containers) {
    mkdirSync(join(folder, 'logs', name), { recursive: true, mode: PRIVATE });
    mkdirSync(join(folder, 'containers', name), { recursive: true, mode: PRIVATE });
  }
}

/** Keeps the logs of this run and of the one before. */
export function dropOldLogs(folder: string, container: string, restartCount: number): void {
  const logs = join(folder, 'logs', container);
  for (const name of readdirSync(logs)) {
    if (Number.parseInt(name, 10) < restartCount - 1) rmSync(join(logs, name), { force: true });
  }
}

/** Notes a started process, so that the node finds it again after being killed itself. */
export function recordProcess(folder: string, container: string, pid: number): void {
  const startTicks = readProcess(pid)?.startTicks ?? 0;
  const file = join(folder, 'processes', `${container}.json`);
  writeFileSync(file, JSON.stringify({ pid, startTicks }), { mode: 0o600 });
}

export function forgetProcess(folder: string, container: string): void {
  rmSync(join(folder, 'processes', `${container}.json`), { force: true });
}

/**
 * Ends every process an earlier run of the node left behind, and returns how many there were. A process is known by pid
 * and start time together, so that a stranger with a reused pid is left alone.
 */
export function endOrphans(home: string): number {
  let ended = 0;
  for (const uid of namesIn(join(home, 'pods'))) {
    const records = join(podFolder(home, uid), 'processes');
    for (const name of namesIn(records)) {
      const leader = readRecord(join(records, name));
      const members = leader === undefined ? [] : sessionMembers(leader);
      for (const { pid } of members) ended += endProcess(pid) ? 1 : 0;
      rmSync(join(records, name), { force: true });
    }
  }
  return ended;
}

/** The uids of the pods that have a folder. */
export function podFolders(home: string): string[] {
  return namesIn(join(home, 'pods'));
}

export async function removePodFolder(home: string, uid: string): Promise<void> {
  await rm(podFolder(home, uid), { recursive: true, force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readRecord(file: string): { pid: number; startTicks: number } | undefined {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startTicks !== 'number' || startTicks === 0) return undefined;
    return { pid, startTicks };
  } catch {
    // Half-written when the node was killed: then its process was killed with it.
    return undefined;
  }
}

function endProcess(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
