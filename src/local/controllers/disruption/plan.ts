import {
  type Condition,
  isPodReady,
  type LabelSelector,
  type Pod,
  type PodDisruptionBudget,
  scaledValue,
  selectorMatches,
  timestamp,
} from '../../objects/index.js';

type BudgetStatus = NonNullable<PodDisruptionBudget['status']>;

/** Evictions the API server granted count as disrupted for at most this long, as in Kubernetes. */
const DISRUPTED_TIMEOUT_MS = 2 * 60_000;

/** The pods a budget covers. Without a selector it covers none; an empty one covers the namespace. */
export function coveredPods(selector: LabelSelector | undefined, pods: readonly Pod[]): Pod[] {
  if (selector === undefined) return [];
  return pods.filter((pod) => selectorMatches(selector, pod.metadata.labels));
}

/**
 * The budget's status from its pods. `expectedPods` is what the pods' controllers want together; a budget in pods
 * (minAvailable: 2) counts the pods themselves, as Kubernetes' disruption controller does.
 */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  expectedByControllers: number,
  now: number,
): BudgetStatus {
  const { minAvailable, maxUnavailable } = budget.spec;
  const disrupted = disruptedPods(budget, pods, now);
  const currentHealthy = pods.filter((pod) => isHealthy(pod) && !(pod.metadata.name in disrupted)).length;
  const byControllers = maxUnavailable !== undefined || typeof minAvailable === 'string';
  const expectedPods = byControllers ? expectedByControllers : pods.length;
  const desiredHealthy =
    maxUnavailable !== undefined
      ? Math.max(expectedPods - scaledValue(maxUnavailable, expectedPods, 'up'), 0)
      : scaledValue(minAvailable ?? 0, expectedPods, 'up');
  const enough = expectedPods > 0 && currentHealthy > desiredHealthy;
  const disruptionsAllowed = enough ? currentHealthy - desiredHealthy : 0;
  const generation = budget.metadata.generation;
  return {
    observedGeneration: generation,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: [allowedCondition(budget, disruptionsAllowed > 0, now)],
  };
}

function isHealthy(pod: Pod): boolean {
  return isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
}

function disruptedPods(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  now: number,
): Record<string, string> {
  const known = budget.status?.disruptedPods ?? {};
  const pending = pods.filter((pod) => {
    const since = known[pod.metadata.name];
    const ending = pod.metadata.deletionTimestamp !== undefined;
    return since !== undefined && !ending && Date.parse(since) + DISRUPTED_TIMEOUT_MS > now;
  });
  return Object.fromEntries(pending.map(({ metadata: { name } }) => [name, known[name] ?? '']));
}

function allowedCondition(budget: PodDisruptionBudget, allowed: boolean, now: number): Condition {
  const status = allowed ? 'True' : 'False';
  const before = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  return {
    type: 'DisruptionAllowed',
    status,
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(now),
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
}
