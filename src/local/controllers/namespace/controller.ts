import { messageOf } from '../../../base/index.js';
import {
  type Client,
  createController,
  isNotFound,
  type KubeObject,
  listAll,
  resourcePath,
  type ResourceType,
  resourceTypes,
} from '../../../kube/index.js';
import type { Namespace } from '../../objects/index.js';
import { requestJson } from '../../requests/index.js';
import type { ControllerContext, Runner } from '../context.js';
import { discoverResources } from '../discovery/discover.js';
import type { ResourceMonitors } from '../discovery/monitors.js';
import { sameJson } from '../write.js';
import { type Cleanup, namespaceConditions } from './plan.js';

const WORKERS = 2;
/** When nothing tells that the rest has gone, look again. */
const RECHECK_MS = 5000;
const FINALIZER = 'kubernetes';

/** Empties namespaces that are being deleted, then lets them go. */
export function createNamespaceController(context: ControllerContext, monitors: ResourceMonitors): Runner {
  const { client, clock, informers } = context;
  const namespaces = informers.of<Namespace>(resourceTypes.namespaces);

  const controller = createController({
    ...context,
    name: 'namespace',
    workers: WORKERS,
    async reconcile(name) {
      const namespace = namespaces.store.get(name);
      if (namespace?.metadata.deletionTimestamp === undefined) return;
      if (!(namespace.spec?.finalizers ?? []).includes(FINALIZER)) return;
      const cleanup = await empty(client, name);
      await report(namespace, cleanup);
      const isDone =
        cleanup.remaining.size === 0 &&
        cleanup.contentError === undefined &&
        cleanup.discoveryError === undefined;
      if (!isDone) return { requeueAfterMs: RECHECK_MS };
      await finalize(name);
    },
  });

  const report = async (namespace: Namespace, cleanup: Cleanup): Promise<void> => {
    const conditions = namespaceConditions(namespace, cleanup, clock.now());
    if (sameJson(conditions, namespace.status?.conditions)) return;
    const { name } = namespace.metadata;
    const body = { status: { conditions } };
    const options = { type: 'merge', subresource: 'status' } as const;
    await client.patch(resourceTypes.namespaces, { name }, body, options);
  };

  const finalize = async (name: string): Promise<void> => {
    try {
      const live = await client.get<Namespace>(resourceTypes.namespaces, { name });
      const finalizers = (live.spec?.finalizers ?? []).filter((each) => each !== FINALIZER);
      const path = resourcePath(resourceTypes.namespaces, { name, subresource: 'finalize' });
      await requestJson(client, 'PUT', path, { ...live, spec: { ...live.spec, finalizers } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  namespaces.subscribe(({ object }) => controller.enqueue(object.metadata.name));
  monitors.subscribe(({ kind, object }) => {
    const { namespace } = object.metadata;
    if (kind !== 'deleted' || namespace === undefined) return;
    if (namespaces.store.get(namespace)?.metadata.deletionTimestamp !== undefined)
      controller.enqueue(namespace);
  });
  return controller;
}

/** Deletes everything in the namespace and counts what is still there. */
async function empty(client: Client, namespace: string): Promise<Cleanup> {
  const remaining = new Map<string, number>();
  const finalizers = new Map<string, number>();
  let types: ResourceType[];
  try {
    types = await discoverResources(client);
  } catch (error) {
    return { discoveryError: messageOf(error), remaining, finalizers };
  }
  let contentError: string | undefined;
  for (const type of types.filter(({ namespaced }) => namespaced)) {
    try {
      const left = await deleteAll(client, type, namespace);
      if (left.length > 0) remaining.set(`${type.plural}.${type.group}`, left.length);
      for (const finalizer of left.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
      }
    } catch (error) {
      contentError ??= messageOf(error);
    }
  }
  return { remaining, finalizers, ...(contentError === undefined ? {} : { contentError }) };
}

async function deleteAll(client: Client, type: ResourceType, namespace: string): Promise<KubeObject[]> {
  const before = await listAll<KubeObject>(client, type, { namespace });
  if (before.items.length === 0) return [];
  const path = `${resourcePath(type, { namespace })}?propagationPolicy=Background`;
  await requestJson(client, 'DELETE', path);
  return (await listAll<KubeObject>(client, type, { namespace })).items;
}
