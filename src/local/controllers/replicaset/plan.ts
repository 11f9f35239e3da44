import {
  type Condition,
  isPodReady,
  isPodTerminal,
  labelsMatch,
  parseTimestamp,
  type Pod,
  podCondition,
  type ReplicaSet,
  type ReplicaSetStatus,
  timestamp,
} from '../../objects/index.js';
import { podsToDelete } from './ranking.js';

/** Kubernetes' BurstReplicas: at most so many pods are made or deleted in one go. */
const BURST = 500;

export interface ReplicaSetPlan {
  /** How many pods to create. */
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** Pods that count: neither ended nor ending. */
export function activePods(pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined);
}

/** How many pods to make, or which to delete. A ReplicaSet that is being deleted leaves its pods to the garbage collector. */
export function planReplicas(
  set: ReplicaSet,
  active: readonly Pod[],
  related: readonly Pod[],
  now: number,
): ReplicaSetPlan {
  if (set.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [] };
  const surplus = active.length - (set.spec.replicas ?? 1);
  if (surplus <= 0) return { create: Math.min(-surplus, BURST), remove: [] };
  return { create: 0, remove: podsToDelete(active, related, Math.min(surplus, BURST), now) };
}

/** What went wrong with making or deleting pods, in the API server's words. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** The status that follows from the pods (calculateStatus of the replica set controller). */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const active = activePods(pods);
  const labels = set.spec.template.metadata?.labels ?? {};
  const ready = active.filter(isPodReady);
  const counts = {
    fullyLabeledReplicas: active.filter((pod) => labelsMatch(labels, pod.metadata.labels)).length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(pod, set, now)).length,
    terminatingReplicas: pods.filter(isTerminating).length,
  };
  const conditions = replicaSetConditions(set, failure, now);
  return {
    replicas: active.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    observedGeneration: set.metadata.generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Milliseconds until the next ready pod has been ready for minReadySeconds; undefined when none waits for it. */
export function untilAvailable(set: ReplicaSet, pods: readonly Pod[], now: number): number | undefined {
  const waits = activePods(pods)
    .filter((pod) => isPodReady(pod) && !isAvailable(pod, set, now))
    .map((pod) => availableAt(pod, set) - now);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod);
}

function isAvailable(pod: Pod, set: ReplicaSet, now: number): boolean {
  return (set.spec.minReadySeconds ?? 0) === 0 || availableAt(pod, set) <= now;
}

function availableAt(pod: Pod, set: ReplicaSet): number {
  const since = parseTimestamp(podCondition(pod, 'Ready')?.lastTransitionTime) ?? 0;
  return since + (set.spec.minReadySeconds ?? 0) * 1000;
}

function replicaSetConditions(
  set: ReplicaSet,
  failure: ReplicaFailure | undefined,
  now: number,
): Condition[] {
  const conditions = set.status?.conditions ?? [];
  const current = conditions.find(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) return conditions.filter((condition) => condition !== current);
  if (current !== undefined) return conditions;
  const { reason, message } = failure;
  const condition: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: timestamp(now),
    reason,
    message,
  };
  return [...conditions, condition];
}
