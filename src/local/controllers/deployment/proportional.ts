import type { Deployment, ReplicaSet } from '../../objects/index.js';
import { annotatedNumber, DESIRED_REPLICAS, MAX_REPLICAS } from './revision.js';
import { allSets, type Rollout, scaleSet } from './rollout.js';
import { activeSets, availableOf, isRolling, maxSurge, replicasOf, sumOf, wantedReplicas } from './size.js';
import { byCreation } from './template.js';

/** Whether the Deployment was resized since its sets were last told: then sizes are set before rolling goes on. */
export function isScalingEvent(rollout: Rollout): boolean {
  const wanted = wantedReplicas(rollout.deployment);
  return activeSets(allSets(rollout)).some((set) => {
    const desired = annotatedNumber(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== wanted;
  });
}

/** Brings the sets to a new size of the Deployment, in proportion when several are active in a rolling update. */
export function scaleSets(rollout: Rollout): void {
  const { deployment, newSet } = rollout;
  const wanted = wantedReplicas(deployment);
  const active = activeSets(allSets(rollout));
  const only = active.length > 1 ? undefined : (active[0] ?? newSet ?? rollout.oldSets.at(-1));
  if (only !== undefined) {
    if (replicasOf(only) !== wanted) scaleSet(rollout, only, wanted);
  } else if (newSet !== undefined && isSaturated(deployment, newSet)) {
    for (const set of activeSets(rollout.oldSets)) scaleSet(rollout, set, 0);
  } else if (isRolling(deployment)) {
    scaleInProportion(rollout, active);
  }
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    replicasOf(set) === wanted &&
    annotatedNumber(set, DESIRED_REPLICAS) === wanted &&
    availableOf(set) === wanted
  );
}

/** Larger sets get more; what rounding leaves over goes to the largest (newest when growing, oldest when shrinking). */
function scaleInProportion(rollout: Rollout, active: readonly ReplicaSet[]): void {
  const { deployment } = rollout;
  const wanted = wantedReplicas(deployment);
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - sumOf(active, replicasOf);
  const age = toAdd > 0 ? -1 : 1;
  const sets = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || age * byCreation(a, b));
  let added = 0;
  const sizes = sets.map((set) => {
    const share = toAdd === 0 ? 0 : proportion(deployment, set, toAdd - added);
    added += share;
    return replicasOf(set) + share;
  });
  sets.forEach((set, index) => {
    const leftover = index === 0 ? toAdd - added : 0;
    scaleSet(rollout, set, Math.max((sizes[index] ?? 0) + leftover, 0));
  });
}

function proportion(deployment: Deployment, set: ReplicaSet, left: number): number {
  const size = replicasOf(set);
  if (size === 0 || left === 0) return 0;
  const share = fraction(deployment, set, size);
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fraction(deployment: Deployment, set: ReplicaSet, size: number): number {
  const wanted = wantedReplicas(deployment);
  if (wanted === 0) return -size;
  const annotated = annotatedNumber(set, MAX_REPLICAS) ?? 0;
  const before = annotated > 0 ? annotated : (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (wanted + maxSurge(deployment))) / before) - size;
}
