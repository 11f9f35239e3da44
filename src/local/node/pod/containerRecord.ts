import {
  type Container,
  type ContainerStateTerminated,
  type ContainerStatus,
  parseTimestamp,
  type Pod,
} from '../../objects/index.js';
import { crashesAfter, restartDelay } from './backoff.js';

export type ContainerKind = 'init' | 'sidecar' | 'main';

/** What the node knows of one container; the worker of its pod is the only one to change it. */
export interface ContainerRecord {
  readonly name: string;
  readonly image: string;
  readonly kind: ContainerKind;
  state: 'waiting' | 'running' | 'exited';
  /** Why it does not run yet, or not again. */
  waiting?: { reason: string; message?: string } | undefined;
  containerID?: string;
  imageID: string;
  startedAt?: number | undefined;
  /** The last two ends, newest first. */
  exits: ContainerStateTerminated[];
  restartCount: number;
  /** The startup probe has succeeded, or there is none. */
  started: boolean;
  /** The readiness probe says so, or there is none. */
  ready: boolean;
  /** Ends in a row without ten good minutes between them. */
  crashes: number;
  /** Not to be started before; milliseconds since the epoch. */
  retryAt: number;
}

/** Records for all containers of a pod, in order; what an earlier run of the node reported is taken up again. */
export function recordsOf(pod: Pod, now: number): ContainerRecord[] {
  const inits = (pod.spec.initContainers ?? []).map((container) => {
    const kind = container.restartPolicy === 'Always' ? 'sidecar' : 'init';
    return recordOf(container, kind, pod.status?.initContainerStatuses, now);
  });
  const mains = pod.spec.containers.map((container) =>
    recordOf(container, 'main', pod.status?.containerStatuses, now),
  );
  return [...inits, ...mains];
}

function recordOf(
  container: Container,
  kind: ContainerKind,
  statuses: readonly ContainerStatus[] | undefined,
  now: number,
): ContainerRecord {
  const { name, image } = container;
  const fresh: ContainerRecord = {
    name,
    image,
    kind,
    state: 'waiting',
    imageID: '',
    exits: [],
    restartCount: 0,
    started: false,
    ready: false,
    crashes: 0,
    retryAt: 0,
  };
  const known = statuses?.find((status) => status.name === name);
  return known === undefined ? fresh : { ...fresh, ...recovered(known, now) };
}

/** A container that ran when the node stopped has ended since: nobody was there to see how. */
function recovered(status: ContainerStatus, now: number): Partial<ContainerRecord> {
  const { state = {}, lastState = {}, restartCount, imageID, containerID } = status;
  const earlier = lastState.terminated === undefined ? [] : [lastState.terminated];
  const base = { restartCount, imageID, ...(containerID === undefined ? {} : { containerID }) };
  if (state.terminated !== undefined)
    return { ...base, state: 'exited', exits: [state.terminated, ...earlier] };
  if (state.running === undefined) {
    return { ...base, state: earlier.length === 0 ? 'waiting' : 'exited', exits: earlier };
  }
  const lost: ContainerStateTerminated = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the node started again',
    ...(state.running.startedAt === undefined ? {} : { startedAt: state.running.startedAt }),
    finishedAt: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    ...(containerID === undefined ? {} : { containerID }),
  };
  return { ...base, state: 'exited', exits: [lost, ...earlier] };
}

/** Books the end of a run and when the next may begin. */
export function noteExit(record: ContainerRecord, exit: ContainerStateTerminated, now: number): void {
  const ranMs = now - (record.startedAt ?? parseTimestamp(exit.startedAt) ?? now);
  record.state = 'exited';
  record.exits = [exit, ...record.exits].slice(0, 2);
  record.started = false;
  record.ready = false;
  record.waiting = undefined;
  record.crashes = crashesAfter(record.crashes, ranMs);
  record.retryAt = now + restartDelay(record.crashes);
}

/** Whether a container that ended is to run again. */
export function shouldRestart(record: ContainerRecord, restartPolicy: string): boolean {
  if (record.kind === 'sidecar') return true;
  const succeeded = record.exits[0]?.exitCode === 0;
  if (record.kind === 'init') return !succeeded && restartPolicy !== 'Never';
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && !succeeded);
}
