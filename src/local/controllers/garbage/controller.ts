import { type Controller, createController, type KubeObject } from '../../../kube/index.js';
import type { ControllerContext, Runner } from '../context.js';
import type { MonitoredChange, ResourceMonitors } from '../discovery/monitors.js';
import { OwnerGraph } from './graph.js';
import { LiveApi } from './liveApi.js';
import { FOREGROUND, ORPHAN, planGarbage } from './plan.js';

const WORKERS = 8;

/**
 * Deletes what nobody owns any more and works off the orphan and foregroundDeletion finalizers. The graph of owners
 * comes from watches; before anything is deleted, the object and its owners are asked for at the API itself.
 */
export function createGarbageCollector(context: ControllerContext, monitors: ResourceMonitors): Runner {
  const graph = new OwnerGraph();
  const live = new LiveApi(context.client, monitors, graph);

  const controller = createController({
    ...context,
    name: 'garbage-collector',
    workers: WORKERS,
    async reconcile(uid) {
      const node = graph.node(uid);
      if (node === undefined || !isConcerned(node.object)) return;
      const object = await live.object(node);
      if (object === undefined) return;
      const owners = await live.ownerStates(object);
      const dependents = graph.dependentsOf(uid).map((each) => each.object);
      const action = planGarbage({ object, owners, dependents });
      await live.carryOut({ type: node.type, object }, action);
      if (action.kind !== 'deleteDependents') return;
      for (const dependent of action.dependents) controller.enqueue(dependent.metadata.uid ?? '');
    },
  });
  monitors.subscribe((change) => follow(graph, change, controller));
  return controller;
}

/** Keeps the graph and enqueues whom a change concerns: the object, its dependents, owners that wait for it. */
function follow(graph: OwnerGraph, { kind, type, object }: MonitoredChange, controller: Controller): void {
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
