import type { PodStatus } from '../../objects/index.js';

/** Fields that belong to this node; the API server and others have theirs. */
const OWN_FIELDS = [
  'observedGeneration',
  'phase',
  'conditions',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
] as const satisfies readonly (keyof PodStatus)[];

/** The merge patch from what was written to what is to be; undefined when there is nothing to say. */
export function statusChanges(
  before: PodStatus | undefined,
  after: PodStatus,
): Record<string, unknown> | undefined {
  const changes: Record<string, unknown> = {};
  for (const field of OWN_FIELDS) {
    if (JSON.stringify(before?.[field]) !== JSON.stringify(after[field]))
      changes[field] = after[field] ?? null;
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}
