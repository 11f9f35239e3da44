import { isPodTerminal, type Pod } from '../../objects/index.js';
import { createNewSet, type Rollout, scaleSet } from './rollout.js';
import { activeSets, sumOf, wantedReplicas } from './size.js';

/** One step of Recreate: every old pod ends before the first new one is made. True when a size changed. */
export function recreateStep(rollout: Rollout, podsBySet: ReadonlyMap<string, readonly Pod[]>): boolean {
  const active = activeSets(rollout.oldSets);
  const shrunk = active.map((set) => scaleSet(rollout, set, 0));
  if (shrunk.includes(true)) return true;
  if (oldPodsRun(rollout, podsBySet)) return false;
  if (rollout.newSet === undefined) {
    createNewSet(rollout);
    return true;
  }
  return scaleSet(rollout, rollout.newSet, wantedReplicas(rollout.deployment));
}

function oldPodsRun(rollout: Rollout, podsBySet: ReadonlyMap<string, readonly Pod[]>): boolean {
  if (sumOf(rollout.oldSets, (set) => set.status?.replicas ?? 0) > 0) return true;
  for (const [uid, pods] of podsBySet) {
    if (uid === rollout.newSet?.metadata.uid) continue;
    if (pods.some((pod) => !isPodTerminal(pod))) return true;
  }
  return false;
}
