/** One judgement of the whole, from which the phase and the conditions follow. */
import type { ModelDeployment, Phase, Reason } from '../../api/index.js';
import type { Diagnosis } from './diagnosis.js';
import type { Rollout } from './rollout.js';

export interface Verdict {
  /** Exactly one of the conditions Ready, Reconciling and Stalled is True. */
  readonly state: 'Ready' | 'Reconciling' | 'Stalled';
  readonly phase: Phase;
  readonly reason: Reason;
  readonly message: string;
}

export function judge(
  declared: ModelDeployment,
  rollout: Rollout,
  diagnosis: Diagnosis | undefined,
): Verdict {
  const { model } = declared.spec;
  const label = `${model.name} ${model.version}`;
  if (rollout.replaced && rollout.ready >= rollout.wanted) {
    if (rollout.wanted === 0)
      return { ...READY, phase: 'Stopped', reason: 'ScaledToZero', message: 'no pods are wanted' };
    return {
      ...READY,
      reason: 'RolloutComplete',
      message: `${podsOf(rollout.ready, rollout.wanted)} serve ${label}`,
    };
  }
  if (diagnosis?.terminal === true) return stalled(diagnosis.reason, diagnosis.message);
  if (rollout.deadlineExceeded) {
    return stalled(
      diagnosis?.reason ?? 'ProgressDeadlineExceeded',
      diagnosis?.message ??
        `${podsOf(rollout.updated, rollout.wanted)} run ${label} after ${declared.spec.rollout.progressDeadlineSeconds} s without progress; see kubectl describe pods`,
    );
  }
  const onlyNewPods = rollout.current && rollout.updated === rollout.replicas;
  const degraded = onlyNewPods && wasReady(declared);
  const phase = degraded ? 'Degraded' : rollout.replicas === 0 ? 'Pending' : 'Progressing';
  if (diagnosis !== undefined) {
    return { state: 'Reconciling', phase, reason: diagnosis.reason, message: diagnosis.message };
  }
  return {
    state: 'Reconciling',
    phase,
    reason: degraded ? 'PodsNotReady' : 'Progressing',
    message: degraded
      ? `${podsOf(rollout.readyPods.length, rollout.wanted)} are ready`
      : `${podsOf(rollout.readyPods.length, rollout.wanted)} serve ${label}`,
  };
}

const READY = { state: 'Ready', phase: 'Ready' } as const;

export function stalled(reason: Reason, message: string): Verdict {
  return { state: 'Stalled', phase: 'Failed', reason, message };
}

/** The rollout of this very generation had been complete: what is missing now has been there. */
function wasReady(declared: ModelDeployment): boolean {
  const { status } = declared;
  return (
    status?.observedGeneration === declared.metadata.generation &&
    (status?.phase === 'Ready' || status?.phase === 'Degraded')
  );
}

function podsOf(count: number, wanted: number): string {
  return `${count} of ${wanted} ${wanted === 1 ? 'pod' : 'pods'}`;
}
