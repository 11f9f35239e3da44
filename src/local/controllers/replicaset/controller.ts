import {
  type Controller,
  controllerOf,
  createController,
  type Informer,
  objectKey,
  resourceTypes,
} from '../../../kube/index.js';
import { type Pod, type ReplicaSet, selectorMatches } from '../../objects/index.js';
import { claimObjects } from '../adopt.js';
import { applyWrite } from '../apply.js';
import type { ControllerContext, Runner } from '../context.js';
import { statusPatch } from '../write.js';
import { activePods, planReplicas, type ReplicaFailure, replicaSetStatus, untilAvailable } from './plan.js';
import { createdToken, deletedToken, PodControl } from './podControl.js';

const WORKERS = 4;

interface Watched {
  readonly sets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
}

/** Keeps as many pods of a template as a ReplicaSet asks for. */
export function createReplicaSetController(context: ControllerContext): Runner {
  const { client, clock, informers } = context;
  const sets = informers.of<ReplicaSet>(resourceTypes.replicaSets);
  const pods = informers.of<Pod>(resourceTypes.pods);
  const control = new PodControl(context, pods);

  const controller = createController({
    ...context,
    name: 'replicaset',
    workers: WORKERS,
    async reconcile(key) {
      const set = sets.store.get(key);
      if (set === undefined) {
        control.expectations.forget(key);
        return;
      }
      const isCurrent = control.expectations.isSatisfied(key);
      const owner = { object: set, type: resourceTypes.replicaSets, selector: set.spec.selector };
      const candidates = pods.store.list(set.metadata.namespace);
      const owned = await claimObjects(client, owner, resourceTypes.pods, candidates);
      const plan = planReplicas(set, activePods(owned), relatedPods({ sets, pods }, set), clock.now());
      const outcome = isCurrent
        ? await control.carryOut(key, set, plan)
        : { failure: knownFailure(set), error: undefined };
      const now = clock.now();
      const status = replicaSetStatus(set, owned, outcome.failure, now);
      const patch = statusPatch(resourceTypes.replicaSets, set, set.status, status);
      if (patch !== undefined) await applyWrite(client, patch);
      if (outcome.error !== undefined) throw outcome.error;
      return { requeueAfterMs: untilAvailable(set, owned, now) };
    },
  });
  follow({ sets, pods }, controller, control);
  return controller;
}

function follow({ sets, pods }: Watched, controller: Controller, control: PodControl): void {
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
      control.expectations.observe(key, createdToken(object));
      const isEnding = kind === 'deleted' || object.metadata.deletionTimestamp !== undefined;
      if (isEnding) control.expectations.observe(key, deletedToken(object));
    }
    enqueueOwners(object);
    if (previous !== undefined && controllerOf(previous)?.uid !== reference?.uid) enqueueOwners(previous);
  });
}

/** The active pods of all ReplicaSets of one owner: they share its nodes. */
function relatedPods({ sets, pods }: Watched, set: ReplicaSet): Pod[] {
  const owner = controllerOf(set)?.uid;
  const siblings = sets.store
    .list(set.metadata.namespace)
    .filter((other) => other === set || (owner !== undefined && controllerOf(other)?.uid === owner));
  const uids = new Set(siblings.map(({ metadata }) => metadata.uid));
  const all = pods.store.list(set.metadata.namespace);
  return activePods(all).filter((pod) => uids.has(controllerOf(pod)?.uid));
}

function ownerKey(pod: Pod, name: string): string {
  return objectKey({ metadata: { namespace: pod.metadata.namespace, name } });
}

/** While pods are still on their way, what failed before stands. */
function knownFailure(set: ReplicaSet): ReplicaFailure | undefined {
  const known = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (known === undefined) return undefined;
  return { reason: known.reason as ReplicaFailure['reason'], message: known.message ?? '' };
}
