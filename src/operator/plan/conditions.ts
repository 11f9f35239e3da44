import type { ConditionType, ModelDeployment, ModelDeploymentCondition, Reason } from '../../api/index.js';
import type { Diagnosis } from './diagnosis.js';
import type { Rollout } from './rollout.js';
import type { Verdict } from './verdict.js';

export interface Aspect {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

/** Ready, Reconciling and Stalled as kstatus reads them; never Reconciling and Stalled together. */
export function verdictAspects(verdict: Verdict): readonly Aspect[] {
  const { state, reason, message } = verdict;
  const notReady = state === 'Stalled' || verdict.phase === 'Degraded' ? 'False' : 'Unknown';
  return [
    { type: 'Ready', status: state === 'Ready' ? 'True' : notReady, reason, message },
    { type: 'Reconciling', status: state === 'Reconciling' ? 'True' : 'False', reason, message },
    { type: 'Stalled', status: state === 'Stalled' ? 'True' : 'False', reason, message },
  ];
}

/** Whether anything answers at the URL. @param ready pods that are ready, of any version */
export function availableAspect(ready: number, wanted: number): Aspect {
  if (ready > 0) {
    return { type: 'Available', status: 'True', reason: 'PodsReady', message: `${ready} ready` };
  }
  const scaled = wanted === 0;
  return {
    type: 'Available',
    status: 'False',
    reason: scaled ? 'ScaledToZero' : 'NoPodReady',
    message: scaled ? 'no pods are wanted' : 'no pod is ready',
  };
}

const UNVERIFIED: readonly Reason[] = ['DigestMismatch', 'ModelNotFound', 'InvalidModel'];

export function verifiedAspect(
  declared: ModelDeployment,
  rollout: Rollout,
  diagnosis: Diagnosis | undefined,
): Aspect {
  const { name, version, digest } = declared.spec.model;
  const verified: Aspect = {
    type: 'ModelVerified',
    status: 'True',
    reason: 'DigestVerified',
    message: `${name} ${version} is ${digest}`,
  };
  if (diagnosis !== undefined && UNVERIFIED.includes(diagnosis.reason)) {
    return { type: 'ModelVerified', status: 'False', reason: diagnosis.reason, message: diagnosis.message };
  }
  const served = declared.status?.model;
  const before = served?.version === version && served.digest === digest;
  if (rollout.readyPods.length > 0 || before) return verified;
  return {
    type: 'ModelVerified',
    status: 'Unknown',
    reason: 'NotYetVerified',
    message: `no pod has verified ${name} ${version} yet`,
  };
}

/** The aspects as conditions; `lastTransitionTime` moves only where the status does. */
export function conditionsOf(
  declared: ModelDeployment,
  aspects: readonly Aspect[],
  nowMs: number,
): readonly ModelDeploymentCondition[] {
  const before = new Map((declared.status?.conditions ?? []).map((condition) => [condition.type, condition]));
  return aspects.map((aspect) => {
    const previous = before.get(aspect.type);
    return {
      ...aspect,
      observedGeneration: declared.metadata.generation ?? 0,
      lastTransitionTime: previous?.status === aspect.status ? previous.lastTransitionTime : timestamp(nowMs),
    };
  });
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
