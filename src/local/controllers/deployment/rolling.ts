import type { ReplicaSet } from '../../objects/index.js';
import { allSets, createNewSet, type Rollout, scaleSet } from './rollout.js';
import {
  activeSets,
  availableOf,
  maxUnavailable,
  newSetSize,
  replicasOf,
  sumOf,
  wantedReplicas,
} from './size.js';

/** One step of a rolling update: first the new set grows, else the old ones shrink. True when a size changed. */
export function rollingStep(rollout: Rollout): boolean {
  if (rollout.newSet === undefined) {
    createNewSet(rollout);
    return true;
  }
  return growNewSet(rollout, rollout.newSet) || shrinkOldSets(rollout, rollout.newSet);
}

function growNewSet(rollout: Rollout, newSet: ReplicaSet): boolean {
  const wanted = wantedReplicas(rollout.deployment);
  const current = replicasOf(newSet);
  if (current === wanted) return false;
  const size = current > wanted ? wanted : newSetSize(rollout.deployment, allSets(rollout), current);
  return scaleSet(rollout, newSet, size);
}

/** Old pods that are not available go first; then available ones, as far as maxUnavailable lets them. */
function shrinkOldSets(rollout: Rollout, newSet: ReplicaSet): boolean {
  const old = activeSets(rollout.oldSets);
  if (old.length === 0) return false;
  const least = wantedReplicas(rollout.deployment) - maxUnavailable(rollout.deployment);
  const newUnavailable = replicasOf(newSet) - availableOf(newSet);
  const room = sumOf(allSets(rollout), replicasOf) - least - newUnavailable;
  if (room <= 0) return false;
  const cleaned = takeFrom(rollout, old, room, (set) => replicasOf(set) - availableOf(set));
  const spare = sumOf(allSets(rollout), availableOf) - least;
  const taken = spare <= 0 ? 0 : takeFrom(rollout, activeSets(old), spare, replicasOf);
  return cleaned + taken > 0;
}

/** Takes at most `room` replicas from the sets in order, from each at most what `share` says. */
function takeFrom(
  rollout: Rollout,
  sets: readonly ReplicaSet[],
  room: number,
  share: (set: ReplicaSet) => number,
): number {
  let taken = 0;
  for (const set of sets) {
    const count = Math.min(room - taken, share(set));
    if (count <= 0) continue;
    scaleSet(rollout, set, replicasOf(set) - count);
    taken += count;
  }
  return taken;
}
