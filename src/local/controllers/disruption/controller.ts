import {
  type Client,
  controllerOf,
  createController,
  isNotFound,
  type KubeObject,
  objectKey,
  resourceTypes,
} from '../../../kube/index.js';
import { type Pod, type PodDisruptionBudget, selectorMatches } from '../../objects/index.js';
import { applyWrite } from '../apply.js';
import type { ControllerContext, Runner } from '../context.js';
import { statusPatch } from '../write.js';
import { readScale } from '../autoscaling/scale.js';
import { budgetStatus, coveredPods } from './plan.js';

const WORKERS = 1;

/** Keeps the status of PodDisruptionBudgets: how many pods may be evicted now. */
export function createDisruptionController(context: ControllerContext): Runner {
  const { client, clock, informers } = context;
  const budgets = informers.of<PodDisruptionBudget>(resourceTypes.podDisruptionBudgets);
  const pods = informers.of<Pod>(resourceTypes.pods);

  const controller = createController({
    ...context,
    name: 'disruption',
    workers: WORKERS,
    async reconcile(key) {
      const budget = budgets.store.get(key);
      if (budget === undefined) return;
      const covered = coveredPods(budget.spec.selector, pods.store.list(budget.metadata.namespace));
      const expected = await expectedReplicas(client, covered);
      const status = budgetStatus(budget, covered, expected, clock.now());
      const patch = statusPatch(resourceTypes.podDisruptionBudgets, budget, budget.status, status);
      if (patch !== undefined) await applyWrite(client, patch);
    },
  });

  const enqueueFor = (pod: Pod): void => {
    for (const budget of budgets.store.list(pod.metadata.namespace)) {
      const { selector } = budget.spec;
      if (selector !== undefined && selectorMatches(selector, pod.metadata.labels)) {
        controller.enqueue(objectKey(budget));
      }
    }
  };
  budgets.subscribe(({ object }) => controller.enqueue(objectKey(object)));
  pods.subscribe(({ object, previous }) => {
    enqueueFor(object);
    if (previous !== undefined) enqueueFor(previous);
  });
  return controller;
}

/** What the controllers of the pods want together, each counted once; a ReplicaSet's own controller speaks for it. */
async function expectedReplicas(client: Client, pods: readonly Pod[]): Promise<number> {
  const scales = new Map<string, number>();
  const sets = new Map<string, KubeObject | undefined>();
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (reference === undefined) continue;
    const { namespace } = pod.metadata;
    if (reference.kind === 'ReplicaSet' && !sets.has(reference.uid)) {
      sets.set(reference.uid, await existing(client, namespace, reference.name));
    }
    const set = sets.get(reference.uid);
    const owner = (set === undefined ? undefined : controllerOf(set)) ?? reference;
    if (scales.has(owner.uid)) continue;
    const scale = await readScale(client, namespace, owner);
    if (scale !== undefined) scales.set(owner.uid, scale.spec.replicas ?? 0);
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
}

async function existing(
  client: Client,
  namespace: string | undefined,
  name: string,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(resourceTypes.replicaSets, { namespace, name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
