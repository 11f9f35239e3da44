import {
  createController,
  isNotFound,
  type KubeObject,
  type OwnerReference,
  type ResourceType,
} from '../../../kube/index.js';
import { releasePatch } from '../claim.js';
import type { ControllerContext, Runner } from '../context.js';
import type { MonitoredChange, ResourceMonitors } from '../discovery/monitors.js';
import { type GraphNode, OwnerGraph } from './graph.js';
import { FOREGROUND, type GarbageAction, ORPHAN, type OwnerState, planGarbage } from './plan.js';

const WORKERS = 8;

/**
 * Deletes what nobody owns any more and works off the orphan and foregroundDeletion finalizers. The graph of owners
 * comes from watches; before anything is deleted, the object and its owners are asked for at the API itself.
 */
export function createGarbageCollector(context: ControllerContext, monitors: ResourceMonitors): Runner {
  const { client } = context;
  const graph = new OwnerGraph();

  const controller = createController({
    ...context,
    name: 'garbage-collector',
    workers: WORKERS,
    async reconcile(uid) {
      const node = graph.node(uid);
      if (node === undefined || !isConcerned(node.object)) return;
      const object = await liveObject(client, node);
      if (object === undefined) return;
      const owners = await ownerStates(object);
      const action = planGarbage({
        object,
        owners,
        dependents: graph.dependentsOf(uid).map((each) => each.object),
      });
      await carryOut({ type: node.type, object }, action);
    },
  });

  const ownerStates = async (object: KubeObject): Promise<Map<string, OwnerState>> => {
    const states = new Map<string, OwnerState>();
    if (object.metadata.deletionTimestamp !== undefined) return states;
    for (const reference of object.metadata.ownerReferences ?? []) {
      states.set(reference.uid, await ownerState(object, reference));
    }
    return states;
  };

  /** An owner the watches show alive needs no question; any other is asked for. */
  const ownerState = async (dependent: KubeObject, reference: OwnerReference): Promise<OwnerState> => {
    if (graph.isAbsent(reference.uid)) return 'gone';
    const known = graph.node(reference.uid);
    if (known !== undefined && known.object.metadata.deletionTimestamp === undefined) return 'solid';
    const type = monitors.typeOf(reference.apiVersion, reference.kind);
    if (type === undefined) {
      throw new Error(`no kind ${reference.kind} in ${reference.apiVersion}: an owner of it may exist`);
    }
    const namespace = type.namespaced ? dependent.metadata.namespace : undefined;
    try {
      const owner = await client.get(type, { namespace, name: reference.name });
      if (owner.metadata.uid !== reference.uid) return 'gone';
      const { deletionTimestamp, finalizers = [] } = owner.metadata;
      return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'solid';
    } catch (error) {
      if (!isNotFound(error)) throw error;
      graph.noteAbsent(reference.uid);
      return 'gone';
    }
  };

  const carryOut = async ({ type, object }: GraphNode, action: GarbageAction): Promise<void> => {
    const { namespace, name, uid = '', resourceVersion = '' } = object.metadata;
    const ref = { namespace, name };
    switch (action.kind) {
      case 'nothing':
        return;
      case 'delete': {
        const preconditions = { uid, resourceVersion };
        await ignoringGone(client.delete(type, ref, { propagationPolicy: action.policy, preconditions }));
        return;
      }
      case 'unreference':
        await ignoringGone(client.patch(type, ref, releasePatch(object, action.uids), { type: 'merge' }));
        return;
      case 'removeFinalizer':
        await removeFinalizer(type, object, action.finalizer);
        return;
      case 'orphan':
        for (const dependent of action.dependents) await letGo(dependent, uid);
        await removeFinalizer(type, object, ORPHAN);
        return;
      case 'deleteDependents':
        for (const dependent of action.dependents) controller.enqueue(dependent.metadata.uid ?? '');
    }
  };

  const letGo = async (dependent: KubeObject, ownerUid: string): Promise<void> => {
    const node = graph.node(dependent.metadata.uid ?? '');
    const live = node === undefined ? undefined : await liveObject(client, node);
    if (node === undefined || live === undefined) return;
    const { namespace, name } = live.metadata;
    const body = releasePatch(live, [ownerUid]);
    await ignoringGone(client.patch(node.type, { namespace, name }, body, { type: 'merge' }));
  };

  const removeFinalizer = async (
    type: ResourceType,
    object: KubeObject,
    finalizer: string,
  ): Promise<void> => {
    const { namespace, name, uid, resourceVersion, finalizers = [] } = object.metadata;
    const left = finalizers.filter((each) => each !== finalizer);
    const body = { metadata: { uid, resourceVersion, finalizers: left.length === 0 ? null : left } };
    await ignoringGone(client.patch(type, { namespace, name }, body, { type: 'merge' }));
  };

  monitors.subscribe(({ kind, type, object }: MonitoredChange) => {
    const uid = object.metadata.uid ?? '';
    const before = graph.node(uid)?.object.metadata.ownerReferences ?? [];
    const dependents = graph.dependentsOf(uid);
    if (kind === 'deleted') graph.remove(uid);
    else graph.put(type, object);
    if (kind === 'deleted' || isMarked(object, FOREGROUND)) {
      for (const dependent of dependents) controller.enqueue(dependent.object.metadata.uid ?? '');
    }
    if (kind !== 'deleted' && isConcerned(object)) controller.enqueue(uid);
    // An owner that waits for its dependents looks again when one has gone or changed its references.
    for (const reference of [...before, ...(object.metadata.ownerReferences ?? [])]) {
      const owner = graph.node(reference.uid)?.object;
      if (owner !== undefined && isMarked(owner, FOREGROUND)) controller.enqueue(reference.uid);
    }
  });
  return controller;
}

function isConcerned(object: KubeObject): boolean {
  if (isMarked(object, FOREGROUND) || isMarked(object, ORPHAN)) return true;
  return (
    object.metadata.deletionTimestamp === undefined && (object.metadata.ownerReferences ?? []).length > 0
  );
}

function isMarked(object: KubeObject, finalizer: string): boolean {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  return deletionTimestamp !== undefined && finalizers.includes(finalizer);
}

async function liveObject(
  client: ControllerContext['client'],
  { type, object }: GraphNode,
): Promise<KubeObject | undefined> {
  const { namespace, name, uid } = object.metadata;
  try {
    const live = await client.get(type, { namespace, name });
    return live.metadata.uid === uid ? live : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function ignoringGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
