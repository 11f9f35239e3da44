import { resourceTypes } from '../../../kube/index.js';
import { type Deployment, isEmptySelector, type Pod, type ReplicaSet } from '../../objects/index.js';
import { type EventDraft, statusPatch, type Write } from '../write.js';
import { isScalingEvent, scaleSets } from './proportional.js';
import { recreateStep } from './recreate.js';
import { revisionOf } from './revision.js';
import { allSets, beginRollout, type Rollout, statusOf, syncRevision } from './rollout.js';
import { rollingStep } from './rolling.js';
import { isRolling, replicasOf } from './size.js';
import {
  calculateStatus,
  conditionOf,
  hasProgressDeadline,
  isDeploymentComplete,
  newCondition,
  rolloutStatus,
  setCondition,
  untilDeadline,
} from './status.js';

export interface ObservedDeployment {
  readonly deployment: Deployment;
  /** The ReplicaSets it controls. */
  readonly sets: readonly ReplicaSet[];
  /** Their pods, by the uid of the ReplicaSet. */
  readonly podsBySet: ReadonlyMap<string, readonly Pod[]>;
}

export interface DeploymentPlan {
  readonly writes: readonly Write[];
  readonly events: readonly EventDraft[];
  readonly requeueAfterMs?: number;
}

/**
 * What the deployment controller does next: one step of the rollout and the status that follows from what was observed.
 * The rules are those of k8s.io/kubernetes/pkg/controller/deployment. Pure: `now` in milliseconds since the epoch.
 */
export function planDeployment(observed: ObservedDeployment, now: number): DeploymentPlan {
  const { deployment } = observed;
  if (isEmptySelector(deployment.spec.selector)) return planSelectingAll(deployment);
  const rollout = beginRollout(deployment, observed.sets, now);
  if (deployment.metadata.deletionTimestamp !== undefined) return finish(rollout, deployment, 'counts');
  notePause(rollout);
  syncRevision(rollout);
  if (deployment.spec.paused === true || isScalingEvent(rollout)) {
    scaleSets(rollout);
    if (deployment.spec.paused === true) dropOldRevisions(rollout);
    return finish(rollout, deployment, 'counts');
  }
  const moved = isRolling(deployment) ? rollingStep(rollout) : recreateStep(rollout, observed.podsBySet);
  if (!moved && isDeploymentComplete(rollout.deployment)) dropOldRevisions(rollout);
  return finish(rollout, deployment, 'rollout');
}

function finish(rollout: Rollout, observed: Deployment, kind: 'counts' | 'rollout'): DeploymentPlan {
  statusOf(rollout.deployment);
  const calculate = kind === 'rollout' ? rolloutStatus : calculateStatus;
  const status = calculate(rollout.deployment, allSets(rollout), rollout.newSet, rollout.now);
  const patch = statusPatch(resourceTypes.deployments, observed, observed.status, status);
  return {
    writes: patch === undefined ? rollout.writes : [...rollout.writes, patch],
    events: rollout.events,
    requeueAfterMs: untilDeadline(rollout.deployment, status, rollout.now),
  };
}

/** Pausing and resuming are told in Progressing, so that a paused rollout never counts as stuck. */
function notePause(rollout: Rollout): void {
  const { deployment } = rollout;
  if (!hasProgressDeadline(deployment)) return;
  const status = statusOf(deployment);
  const current = conditionOf(status, 'Progressing');
  if (current?.reason === 'ProgressDeadlineExceeded') return;
  const noted = current?.reason === 'DeploymentPaused';
  if (deployment.spec.paused === true && !noted) {
    const text = { reason: 'DeploymentPaused', message: 'Deployment is paused' };
    setCondition(status, newCondition('Progressing', 'Unknown', text, rollout.now));
  } else if (deployment.spec.paused !== true && noted) {
    const text = { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
    setCondition(status, newCondition('Progressing', 'Unknown', text, rollout.now));
  }
}

/** Deletes the oldest empty sets beyond revisionHistoryLimit. */
function dropOldRevisions(rollout: Rollout): void {
  const limit = rollout.deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return;
  const alive = rollout.oldSets.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = [...alive]
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(alive.length - limit, 0));
  for (const set of surplus) {
    const isSettled = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
    if (replicasOf(set) !== 0 || (set.status?.replicas ?? 0) !== 0 || !isSettled) continue;
    const { namespace, name, uid } = set.metadata;
    rollout.writes.push({ verb: 'delete', type: resourceTypes.replicaSets, namespace, name, uid });
  }
}

function planSelectingAll(deployment: Deployment): DeploymentPlan {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  const status = { ...deployment.status, observedGeneration: deployment.metadata.generation };
  const patch = statusPatch(resourceTypes.deployments, deployment, deployment.status, status);
  return {
    writes: patch === undefined ? [] : [patch],
    events: patch === undefined ? [] : [{ type: 'Warning', reason: 'SelectingAll', message }],
  };
}
