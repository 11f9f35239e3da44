/** One process a folder: a lock file with the owner's process id. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problem, ProblemError } from '../../../base/index.js';

const LOCK_FILE = 'lock.pid';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The start time of a process, which tells it from a later one with the same id; '' where /proc does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const [pid = '', start = ''] = readFileSync(path, 'utf8').split(' ');
    const owner = Number(pid);
    return isRunning(owner) && startOf(owner) === start ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the folder for this process and returns how to give it back. A lock whose owner is gone (kill -9) is taken over.
 * Throws ProblemError when another process, or this one, has it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const mine = join(folder, `${LOCK_FILE}.${process.pid}`);
  writeFileSync(mine, `${process.pid} ${startOf(process.pid)}`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (tryLink(mine, path)) return () => rmSync(path, { force: true });
      const owner = ownerOf(path);
      if (owner !== undefined) throw inUse(folder, owner);
      rmSync(path, { force: true });
    }
    throw inUse(folder, 0);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Linking is atomic: of two processes one gets the name. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function inUse(folder: string, owner: number): ProblemError {
  const who = owner === 0 ? 'another process' : `process ${owner}`;
  return new ProblemError(
    problem('StateInUse', folder, `is used by ${who}`, 'stop it, or use another folder with --home'),
  );
}
