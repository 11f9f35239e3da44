import { isPodReady, parseTimestamp, type Pod, podCondition } from '../../objects/index.js';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Which pods to delete first when a ReplicaSet shrinks, in the order of Kubernetes' ActivePodsWithRanks: unassigned,
 * pending, not ready, cheap by annotation, crowded on a node, ready for less time, restarted more often, newer.
 * `related` are the active pods of all ReplicaSets of the same owner: they decide how crowded a node is.
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  now: number,
): Pod[] {
  if (count >= pods.length) return [...pods];
  const crowd = new Map<string, number>();
  for (const { spec } of related) crowd.set(spec.nodeName ?? '', (crowd.get(spec.nodeName ?? '') ?? 0) + 1);
  const rank = (pod: Pod) => crowd.get(pod.spec.nodeName ?? '') ?? 0;
  return [...pods].sort((a, b) => compare(a, b, rank, now)).slice(0, count);
}

function compare(a: Pod, b: Pod, rank: (pod: Pod) => number, now: number): number {
  return (
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    phaseOrder(a) - phaseOrder(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    byReadyTime(a, b, now) ||
    restarts(b) - restarts(a) ||
    byAge(parseTimestamp(a.metadata.creationTimestamp), parseTimestamp(b.metadata.creationTimestamp), now) ||
    ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1)
  );
}

function isAssigned(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '';
}

function phaseOrder(pod: Pod): number {
  return PHASE_ORDER[pod.status?.phase ?? 'Pending'] ?? 1;
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? '0';
  return /^-?\d+$/.test(text) ? Number(text) : 0;
}

function byReadyTime(a: Pod, b: Pod, now: number): number {
  if (!isPodReady(a) || !isPodReady(b)) return 0;
  const since = (pod: Pod) => parseTimestamp(podCondition(pod, 'Ready')?.lastTransitionTime);
  return byAge(since(a), since(b), now);
}

/** Younger first, in powers of two of nanoseconds, so that pods of about one age are told apart by uid alone. */
function byAge(a: number | undefined, b: number | undefined, now: number): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return magnitude(now - a) - magnitude(now - b);
}

function magnitude(milliseconds: number): number {
  return milliseconds <= 0 ? -1 : Math.floor(Math.log2(milliseconds * 1e6));
}

function restarts(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce(
    (most, { restartCount }) => Math.max(most, restartCount),
    0,
  );
}
