import {
  type Condition,
  type ContainerStatus,
  type Pod,
  type PodStatus,
  timestamp,
} from '../../objects/index.js';
import type { ContainerRecord } from './containerRecord.js';
import { isInitDone } from './plan.js';

export interface PodFacts {
  readonly records: readonly ContainerRecord[];
  readonly podIP: string;
  readonly hostIP: string;
  /** Milliseconds since the epoch when the node took the pod. */
  readonly startTime: number;
  /** The volumes are set up. */
  readonly mounted: boolean;
  /** The node has stopped the pod for good. */
  readonly stopped: boolean;
  /** The conditions this node wrote last; newer than those of the pod it was handed. */
  readonly reported?: readonly Condition[] | undefined;
}

/** Conditions this node writes; others (readiness gates) are left to whoever sets them. */
const OWN_CONDITIONS = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];

/** A pod's status as kubelet writes it. */
export function podStatus(pod: Pod, facts: PodFacts, now: number): PodStatus {
  const { records, podIP, hostIP } = facts;
  const inits = records.filter(({ kind }) => kind !== 'main');
  const mains = records.filter(({ kind }) => kind === 'main');
  const phase = podPhase(pod, facts);
  const status: PodStatus = {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: podConditions(pod, facts, phase, now),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: timestamp(facts.startTime),
    containerStatuses: mains.map((record) => containerStatus(record, inits.length > 0)),
  };
  if (inits.length > 0) status.initContainerStatuses = inits.map((record) => containerStatus(record, true));
  return status;
}

/** getPhase of kubelet_pods.go. */
export function podPhase(pod: Pod, facts: PodFacts): NonNullable<PodStatus['phase']> {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const mains = facts.records.filter(({ kind }) => kind === 'main');
  if (facts.stopped) return mains.every(hasSucceeded) ? 'Succeeded' : 'Failed';
  const inits = facts.records.filter(({ kind }) => kind === 'init');
  if (policy === 'Never' && inits.some((record) => record.state === 'exited' && !hasSucceeded(record))) {
    return 'Failed';
  }
  if (!facts.records.filter(({ kind }) => kind !== 'main').every(isInitDone)) return 'Pending';
  if (mains.some((record) => record.state === 'waiting')) return 'Pending';
  if (mains.some((record) => record.state === 'running') || policy === 'Always') return 'Running';
  if (mains.every(hasSucceeded)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function hasSucceeded(record: ContainerRecord): boolean {
  return record.state === 'exited' && record.exits[0]?.exitCode === 0;
}

function podConditions(pod: Pod, facts: PodFacts, phase: string, now: number): Condition[] {
  const inits = facts.records.filter(({ kind }) => kind !== 'main');
  const serving = facts.records.filter(({ kind }) => kind !== 'init');
  const incomplete = inits.filter((record) => !isInitDone(record)).map(({ name }) => name);
  const unready = serving.filter(({ ready }) => !ready).map(({ name }) => name);
  const completed = phase === 'Succeeded' ? { reason: 'PodCompleted' } : undefined;
  const notReady = completed ?? {
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
  const ended = phase === 'Failed' ? { reason: 'PodFailed' } : notReady;
  const containersReady = unready.length === 0 ? undefined : ended;
  const own: Condition[] = [
    condition('PodReadyToStartContainers', facts.mounted && !facts.stopped ? undefined : {}),
    condition(
      'Initialized',
      incomplete.length === 0 || completed !== undefined
        ? undefined
        : {
            reason: 'ContainersNotInitialized',
            message: `containers with incomplete status: [${incomplete.join(' ')}]`,
          },
      completed,
    ),
    condition('Ready', containersReady ?? closedGate(pod)),
    condition('ContainersReady', containersReady),
    condition('PodScheduled', undefined),
  ];
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.includes(type));
  const before = facts.reported ?? pod.status?.conditions ?? [];
  return [...own.map((next) => withTransition(next, before, now)), ...foreign];
}

/** The reason why the pod is not ready although its containers are: a readiness gate nobody has opened. */
function closedGate(pod: Pod): { reason: string; message: string } | undefined {
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const gate = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (gate?.status === 'True') continue;
    const state = gate === undefined ? 'does not exist' : `has status "${gate.status}"`;
    const message = `corresponding condition of pod readiness gate "${conditionType}" ${state}.`;
    return { reason: 'ReadinessGatesNotReady', message };
  }
  return undefined;
}

function condition(
  type: string,
  failure: { reason?: string; message?: string } | undefined,
  note: { reason?: string } = {},
): Condition {
  return { type, status: failure === undefined ? 'True' : 'False', ...(failure ?? note) };
}

function withTransition(next: Condition, before: readonly Condition[], now: number): Condition {
  const known = before.find(({ type }) => type === next.type);
  const kept = known?.status === next.status ? known.lastTransitionTime : undefined;
  return { ...next, lastProbeTime: null, lastTransitionTime: kept ?? timestamp(now) };
}

function containerStatus(record: ContainerRecord, hasInits: boolean): ContainerStatus {
  const { name, image, imageID, restartCount, containerID } = record;
  const status: ContainerStatus = {
    name,
    state: {},
    lastState: {},
    ready: record.kind === 'init' ? record.state === 'exited' && hasSucceeded(record) : record.ready,
    restartCount,
    image,
    imageID,
    started: record.started,
    ...(containerID === undefined ? {} : { containerID }),
  };
  const [last, previous] = record.exits;
  if (record.state === 'running') {
    status.state = { running: { startedAt: timestamp(record.startedAt ?? 0) } };
    if (last !== undefined) status.lastState = { terminated: last };
  } else if (record.state === 'exited' && record.waiting === undefined && last !== undefined) {
    status.state = { terminated: last };
    if (previous !== undefined) status.lastState = { terminated: previous };
  } else {
    const idle = { reason: hasInits && record.kind === 'main' ? 'PodInitializing' : 'ContainerCreating' };
    status.state = { waiting: record.waiting ?? idle };
    if (last !== undefined) status.lastState = { terminated: last };
  }
  return status;
}
