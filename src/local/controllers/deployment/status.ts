import {
  type Condition,
  type Deployment,
  type DeploymentStatus,
  parseTimestamp,
  type ReplicaSet,
  timestamp,
} from '../../objects/index.js';
import { availableOf, maxUnavailable, replicasOf, sumOf, wantedReplicas } from './size.js';

/** A Deployment without a deadline has this one, as the API's defaulting writes it. */
const NO_DEADLINE = 2 ** 31 - 1;
const TIMED_OUT = 'ProgressDeadlineExceeded';
export const NEW_SET_AVAILABLE = 'NewReplicaSetAvailable';

export function hasProgressDeadline(deployment: Deployment): boolean {
  const deadline = deployment.spec.progressDeadlineSeconds;
  return deadline !== undefined && deadline !== NO_DEADLINE;
}

export function conditionOf(status: DeploymentStatus | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function newCondition(
  type: string,
  status: Condition['status'],
  text: { reason: string; message: string },
  now: number,
): Condition {
  const time = timestamp(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, ...text };
}

/** Same status and reason: nothing changes. Else the condition moves to the end, keeping its transition time if it may. */
export function setCondition(status: DeploymentStatus, condition: Condition): void {
  const current = conditionOf(status, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return;
  const kept =
    current?.status === condition.status ? current.lastTransitionTime : condition.lastTransitionTime;
  removeCondition(status, condition.type);
  status.conditions?.push({ ...condition, lastTransitionTime: kept });
}

export function removeCondition(status: DeploymentStatus, type: string): void {
  status.conditions = (status.conditions ?? []).filter((condition) => condition.type !== type);
}

/** Counts and the Available condition. Zero counts are left out, as the API's encoding leaves them out. */
export function calculateStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const available = sumOf(all, availableOf);
  const unavailable = Math.max(sumOf(all, replicasOf) - available, 0);
  const counts = {
    replicas: sumOf(all, (set) => set.status?.replicas ?? 0),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, (set) => set.status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: unavailable,
    terminatingReplicas: sumOf(all, (set) => set.status?.terminatingReplicas ?? 0),
  };
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    conditions: [...(deployment.status?.conditions ?? [])],
  };
  if (deployment.status?.collisionCount !== undefined)
    status.collisionCount = deployment.status.collisionCount;
  const enough = available >= wantedReplicas(deployment) - maxUnavailable(deployment);
  const text = enough
    ? { reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' };
  setCondition(status, newCondition('Available', enough ? 'True' : 'False', text, now));
  return status;
}

/** Counts, Available, Progressing and ReplicaFailure after a step of a rollout (syncRolloutStatus). */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const status = calculateStatus(deployment, all, newSet, now);
  if (hasProgressDeadline(deployment)) setProgress(deployment, status, newSet, now);
  else removeCondition(status, 'Progressing');
  const failure = replicaFailure(all, newSet);
  if (failure === undefined) removeCondition(status, 'ReplicaFailure');
  else setCondition(status, failure);
  return status;
}

function setProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  now: number,
): void {
  const current = conditionOf(deployment.status, 'Progressing');
  const isComplete = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (isComplete && current?.reason === NEW_SET_AVAILABLE) return;
  const subject =
    newSet === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newSet.metadata.name}"`;
  if (isDeploymentComplete(deployment, status)) {
    const text = { reason: NEW_SET_AVAILABLE, message: `${subject} has successfully progressed.` };
    setCondition(status, newCondition('Progressing', 'True', text, now));
  } else if (hasProgressed(deployment.status, status)) {
    const text = { reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
    const condition = newCondition('Progressing', 'True', text, now);
    if (current?.status === 'True') condition.lastTransitionTime = current.lastTransitionTime;
    removeCondition(status, 'Progressing');
    setCondition(status, condition);
  } else if (hasTimedOut(deployment, status, now)) {
    const text = { reason: TIMED_OUT, message: `${subject} has timed out progressing.` };
    setCondition(status, newCondition('Progressing', 'False', text, now));
  }
}

export function isDeploymentComplete(
  deployment: Deployment,
  status: DeploymentStatus | undefined = deployment.status,
): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined) =>
    (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, now: number): boolean {
  const condition = conditionOf(status, 'Progressing');
  if (condition === undefined || condition.reason === NEW_SET_AVAILABLE) return false;
  if (condition.reason === TIMED_OUT) return true;
  return deadlineOf(deployment, condition) < now;
}

function deadlineOf(deployment: Deployment, progressing: Condition): number {
  const since = parseTimestamp(progressing.lastUpdateTime) ?? 0;
  return since + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** Milliseconds until a rollout that does not move has to be looked at again; undefined when it need not be. */
export function untilDeadline(
  deployment: Deployment,
  status: DeploymentStatus,
  now: number,
): number | undefined {
  const condition = conditionOf(status, 'Progressing');
  if (!hasProgressDeadline(deployment) || condition === undefined) return undefined;
  if (deployment.spec.paused === true || isDeploymentComplete(deployment, status)) return undefined;
  if (condition.reason === TIMED_OUT || condition.reason === NEW_SET_AVAILABLE) return undefined;
  return Math.max(deadlineOf(deployment, condition) - now, 0) + 1000;
}

function replicaFailure(all: readonly ReplicaSet[], newSet: ReplicaSet | undefined): Condition | undefined {
  const sets = newSet === undefined ? all : [newSet, ...all];
  for (const set of sets) {
    const failure = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (failure !== undefined) return { ...failure, lastUpdateTime: failure.lastTransitionTime };
  }
  return undefined;
}
