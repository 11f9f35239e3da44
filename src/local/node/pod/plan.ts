import type { Pod } from '../../objects/index.js';
import { type ContainerRecord, shouldRestart } from './containerRecord.js';

export interface PodPlan {
  /** To be started now. */
  readonly start: readonly ContainerRecord[];
  /** Ended, to be started again later: they are backing off. */
  readonly backingOff: readonly ContainerRecord[];
  /** Milliseconds since the epoch when the next of them may start. */
  readonly wakeAt?: number;
}

/**
 * Which containers to start: init containers one after the other (a sidecar lets the next begin once it has started),
 * then all others together, each again when it ended and the restart policy and its backoff allow it.
 */
export function planPod(pod: Pod, records: readonly ContainerRecord[], now: number): PodPlan {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const candidates: ContainerRecord[] = [];
  const initsDone = planInits(records, policy, candidates);
  if (initsDone) {
    for (const record of records) {
      if (record.kind === 'main' && isDue(record, policy)) candidates.push(record);
    }
  }
  const start = candidates.filter((record) => record.retryAt <= now);
  const later = candidates.filter((record) => record.retryAt > now);
  const backingOff = later.filter((record) => record.state === 'exited');
  if (later.length === 0) return { start, backingOff };
  return { start, backingOff, wakeAt: Math.min(...later.map(({ retryAt }) => retryAt)) };
}

/** Adds the init containers that are due; true when none holds the others up. */
function planInits(
  records: readonly ContainerRecord[],
  policy: string,
  candidates: ContainerRecord[],
): boolean {
  for (const record of records) {
    if (record.kind === 'main') continue;
    if (isDue(record, policy)) candidates.push(record);
    if (!isInitDone(record)) return false;
  }
  return true;
}

export function isInitDone(record: ContainerRecord): boolean {
  if (record.kind === 'sidecar') return record.started;
  return record.state === 'exited' && record.exits[0]?.exitCode === 0;
}

function isDue(record: ContainerRecord, policy: string): boolean {
  if (record.state === 'running') return false;
  return record.state === 'waiting' || shouldRestart(record, policy);
}
