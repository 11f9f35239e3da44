import { messageOf } from '../../../base/index.js';
import {
  controllerOf,
  createController,
  isNamespaceTerminating,
  isNotFound,
  type KubeObject,
  objectKey,
  resourceTypes,
} from '../../../kube/index.js';
import { controllerReference, type Pod, type ReplicaSet, selectorMatches } from '../../objects/index.js';
import { claimObjects } from '../adopt.js';
import { applyWrite } from '../apply.js';
import { type ControllerContext, eventSink, type Runner } from '../context.js';
import { Expectations } from '../expectations.js';
import { type EventDraft, statusPatch } from '../write.js';
import { activePods, planReplicas, type ReplicaFailure, replicaSetStatus, untilAvailable } from './plan.js';
import { slowStart } from './slowStart.js';

const WORKERS = 4;

/** Keeps as many pods of a template as a ReplicaSet asks for. */
export function createReplicaSetController(context: ControllerContext): Runner {
  const { client, clock, informers } = context;
  const sets = informers.of<ReplicaSet>(resourceTypes.replicaSets);
  const pods = informers.of<Pod>(resourceTypes.pods);
  const tell = eventSink(context, 'replicaset-controller');
  const expectations = new Expectations(clock);

  const controller = createController({
    ...context,
    name: 'replicaset',
    workers: WORKERS,
    async reconcile(key) {
      const set = sets.store.get(key);
      if (set === undefined) {
        expectations.forget(key);
        return;
      }
      const isCurrent = expectations.isSatisfied(key);
      const owner = { object: set, type: resourceTypes.replicaSets, selector: set.spec.selector };
      const candidates = pods.store.list(set.metadata.namespace);
      const owned = await claimObjects(client, owner, resourceTypes.pods, candidates);
      const outcome = isCurrent ? await manage(key, set, owned) : { failure: knownFailure(set) };
      const now = clock.now();
      const status = replicaSetStatus(set, owned, outcome.failure, now);
      const patch = statusPatch(resourceTypes.replicaSets, set, set.status, status);
      if (patch !== undefined) await applyWrite(client, patch);
      if (outcome.error !== undefined) throw outcome.error;
      return { requeueAfterMs: untilAvailable(set, owned, now) };
    },
  });

  const manage = async (
    key: string,
    set: ReplicaSet,
    owned: readonly Pod[],
  ): Promise<{ failure?: ReplicaFailure; error?: Error }> => {
    const plan = planReplicas(set, activePods(owned), relatedPods(set), clock.now());
    const created = await slowStart(plan.create, () => createPod(key, set));
    const results = await Promise.allSettled(plan.remove.map((pod) => deletePod(key, set, pod)));
    const rejected = results.find((result) => result.status === 'rejected');
    const error: unknown = created.error ?? rejected?.reason;
    if (error === undefined) return {};
    const reason = created.error === undefined ? 'FailedDelete' : 'FailedCreate';
    const message = messageOf(error);
    return { failure: { reason, message }, error: error instanceof Error ? error : new Error(message) };
  };

  const createPod = async (key: string, set: ReplicaSet): Promise<void> => {
    try {
      const pod = await client.create<Pod>(resourceTypes.pods, draftPod(set));
      if (pods.store.get(objectKey(pod)) === undefined) {
        expectations.expect(key, `created/${pod.metadata.uid ?? ''}`);
      }
      tell(set, [normal('SuccessfulCreate', `Created pod: ${pod.metadata.name}`)]);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      tell(set, [
        { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${messageOf(error)}` },
      ]);
      throw error;
    }
  };

  const deletePod = async (key: string, set: ReplicaSet, pod: Pod): Promise<void> => {
    const { namespace, name, uid = '' } = pod.metadata;
    expectations.expect(key, `deleted/${uid}`);
    try {
      await client.delete(resourceTypes.pods, { namespace, name }, { preconditions: { uid } });
      tell(set, [normal('SuccessfulDelete', `Deleted pod: ${name}`)]);
    } catch (error) {
      expectations.observe(key, `deleted/${uid}`);
      if (!isNotFound(error)) throw error;
    }
  };

  /** The active pods of all ReplicaSets of one owner: they share its nodes. */
  const relatedPods = (set: ReplicaSet): Pod[] => {
    const owner = controllerOf(set)?.uid;
    const siblings = sets.store
      .list(set.metadata.namespace)
      .filter((other) => other === set || (owner !== undefined && controllerOf(other)?.uid === owner));
    const uids = new Set(siblings.map(({ metadata }) => metadata.uid));
    const all = pods.store.list(set.metadata.namespace);
    return activePods(all).filter((pod) => uids.has(controllerOf(pod)?.uid));
  };

  const enqueueOwners = (pod: Pod): void => {
    const reference = controllerOf(pod);
    if (reference !== undefined) {
      if (reference.kind === 'ReplicaSet') controller.enqueue(ownerKey(pod, reference.name));
      return;
    }
    if (pod.metadata.deletionTimestamp !== undefined) return;
    for (const set of sets.store.list(pod.metadata.namespace)) {
      if (selectorMatches(set.spec.selector, pod.metadata.labels)) controller.enqueue(objectKey(set));
    }
  };

  sets.subscribe(({ object }) => controller.enqueue(objectKey(object)));
  pods.subscribe(({ kind, object, previous }) => {
    const reference = controllerOf(object);
    if (reference?.kind === 'ReplicaSet') {
      const key = ownerKey(object, reference.name);
      const uid = object.metadata.uid ?? '';
      expectations.observe(key, `created/${uid}`);
      const ending = kind === 'deleted' || object.metadata.deletionTimestamp !== undefined;
      if (ending) expectations.observe(key, `deleted/${uid}`);
    }
    enqueueOwners(object);
    if (previous !== undefined && controllerOf(previous)?.uid !== reference?.uid) enqueueOwners(previous);
  });
  return controller;
}

function normal(reason: string, message: string): EventDraft {
  return { type: 'Normal', reason, message };
}

function ownerKey(object: KubeObject, name: string): string {
  return objectKey({ metadata: { namespace: object.metadata.namespace, name } });
}

/** While pods are still on their way, what failed before stands. */
function knownFailure(set: ReplicaSet): ReplicaFailure | undefined {
  const known = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (known === undefined) return undefined;
  return { reason: known.reason as ReplicaFailure['reason'], message: known.message ?? '' };
}

function draftPod(set: ReplicaSet): Pod {
  const { metadata = {}, spec } = structuredClone(set.spec.template);
  const generated: Partial<Pod['metadata']> = {
    generateName: `${set.metadata.name}-`,
    namespace: set.metadata.namespace,
    labels: metadata.labels,
    annotations: metadata.annotations,
    finalizers: metadata.finalizers,
    ownerReferences: [controllerReference(set)],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: generated as Pod['metadata'], spec };
}
