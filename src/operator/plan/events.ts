import type { ModelDeploymentStatus } from '../../api/index.js';

export interface PlannedEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const QUIET_PROGRESS = new Set(['Progressing', 'WaitingForDeletion']);

/** One Event for each turn of affairs: the state or its reason is another one than before. */
export function eventsOf(
  before: ModelDeploymentStatus | undefined,
  after: ModelDeploymentStatus,
): readonly PlannedEvent[] {
  const now = headline(after);
  const then = before === undefined ? undefined : headline(before);
  if (now === undefined || (then?.type === now.type && then.reason === now.reason)) return [];
  const isWarning = now.type === 'Stalled' || (now.type === 'Reconciling' && !QUIET_PROGRESS.has(now.reason));
  return [{ type: isWarning ? 'Warning' : 'Normal', reason: now.reason, message: now.message }];
}

/** The one of Ready, Reconciling and Stalled that is True. */
function headline(status: ModelDeploymentStatus) {
  return status.conditions?.find(
    ({ type, status: value }) => value === 'True' && ['Ready', 'Reconciling', 'Stalled'].includes(type),
  );
}
