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
  if (rollout.replaced && rollout.ready >= rollout.wanted) return settled(declared, rollout);
  if (diagnosis?.terminal === true) return stalled(diagnosis.reason, diagnosis.message);
  if (rollout.deadlineExceeded) return late(declared, rollout, diagnosis);
  return underWay(declared, rollout, diagnosis);
}

function settled(declared: ModelDeployment, { ready, wanted }: Rollout): Verdict {
  if (wanted === 0) {
    return { state: 'Ready', phase: 'Stopped', reason: 'ScaledToZero', message: 'no pods are wanted' };
  }
  const serve = wanted === 1 ? 'serves' : 'serve';
  return {
    state: 'Ready',
    phase: 'Ready',
    reason: 'RolloutComplete',
    message: `${podsOf(ready, wanted)} ${serve} ${labelOf(declared)}`,
  };
}

function late(declared: ModelDeployment, rollout: Rollout, diagnosis: Diagnosis | undefined): Verdict {
  if (diagnosis !== undefined) return stalled(diagnosis.reason, diagnosis.message);
  const seconds = declared.spec.rollout.progressDeadlineSeconds;
  const pods = podsOf(rollout.readyPods.length, rollout.wanted);
  return stalled(
    'ProgressDeadlineExceeded',
    `rolling out ${labelOf(declared)}: ${pods} ready after ${seconds} s without progress; see kubectl describe pods`,
  );
}

function underWay(declared: ModelDeployment, rollout: Rollout, diagnosis: Diagnosis | undefined): Verdict {
  const pods = `${podsOf(rollout.readyPods.length, rollout.wanted)} ready`;
  const onlyNewPods = rollout.current && rollout.updated === rollout.replicas;
  const degraded = onlyNewPods && wasReady(declared);
  return {
    state: 'Reconciling',
    phase: degraded ? 'Degraded' : rollout.replicas === 0 ? 'Pending' : 'Progressing',
    reason: diagnosis?.reason ?? (degraded ? 'PodsNotReady' : 'Progressing'),
    message: diagnosis?.message ?? (degraded ? pods : `rolling out ${labelOf(declared)}: ${pods}`),
  };
}

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

function labelOf({ spec: { model } }: ModelDeployment): string {
  return `${model.name} ${model.version}`;
}
