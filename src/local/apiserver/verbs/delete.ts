import type { KubeObject, Status } from '../../../kube/index.js';
import {
  CLEANUP_FINALIZER,
  type Definition,
  isEstablished,
  isTerminating,
  terminatingStatus,
} from '../crd/index.js';
import { CRD_STORAGE_KEY } from '../kinds/kinds.js';
import type { KindRow } from '../kinds/kind.js';
import { viewOf } from '../kinds/view.js';
import { conflict, forbidden, notFound } from '../status.js';
import { type Answer, type Call, type Core, keyOf, timestamp } from './call.js';
import { type DeleteOptions, parseDeleteOptions } from './deleteOptions.js';
import type { ListOptions } from './listOptions.js';
import { listObjects } from './list.js';
import { normalObject } from './metadata.js';
import { removeObject } from './remove.js';
import { isReadyToGo } from './update.js';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

const PROTECTED_NAMESPACES: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Kinds whose deletion answers with the object rather than a Status. */
const RETURNS_OBJECT: ReadonlySet<string> = new Set([
  'pods',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
]);

/** DELETE of an object: at once, or a mark that finalizers and grace periods work off. */
export function deleteObject(core: Core, call: Call): Answer {
  const options = parseDeleteOptions(call);
  const { row } = call;
  const object = core.store.bucket(row.storageKey).get(keyOf(call));
  if (object === undefined) throw notFound(row, call.name);
  checkDeletable(row, object, options);
  const { result, gone } = deleteStored(core, row, object, options);
  if (gone && !RETURNS_OBJECT.has(row.storageKey)) {
    return { kind: 'status', code: 200, status: deletedStatus(row, object) };
  }
  // Kinds without a grace period show what was deleted, not that it was.
  const shown = gone && row.storageKey !== 'pods' ? object : result;
  return { kind: 'object', code: 200, object: viewOf(shown, row), row };
}

/** DELETE of a collection: each object that the selectors match. */
export function deleteCollection(core: Core, call: Call, listOptions: ListOptions): Answer {
  const options = parseDeleteOptions(call);
  const listed = listObjects(core, call, listOptions);
  if (listed.kind !== 'list') return listed;
  for (const object of listed.items) {
    deleteStored(core, call.row, object, { ...options, preconditions: {} });
  }
  return listed;
}

function deletedStatus(row: KindRow, object: KubeObject): Status {
  const { name, uid } = object.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(row.group === '' ? {} : { group: row.group }),
      kind: row.plural,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}

function checkDeletable(row: KindRow, object: KubeObject, { preconditions }: DeleteOptions): void {
  const { name, uid = '', resourceVersion = '' } = object.metadata;
  const named = { group: row.group, plural: row.kind };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(named, name, why);
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(named, name, why);
  }
  if (row.storageKey === 'namespaces' && PROTECTED_NAMESPACES.has(name)) {
    throw forbidden(row, name, 'this namespace may not be deleted');
  }
}

/** Deletes or marks an object; `gone` when nothing is left of it. */
export function deleteStored(
  core: Core,
  row: KindRow,
  object: KubeObject,
  options: DeleteOptions,
): { result: KubeObject; gone: boolean } {
  const key = keyOf({ namespace: object.metadata.namespace ?? '', name: object.metadata.name });
  const finalizers = deletionFinalizers(row, object, options);
  const grace = row.storageKey === 'pods' ? podGrace(object, options) : 0;
  const marked = mark(core, row, object, { finalizers, grace });
  if (isReadyToGo(marked)) {
    if (!options.dryRun) removeObject(core, row, key);
    return { result: marked, gone: true };
  }
  if (marked === object || options.dryRun) return { result: marked, gone: false };
  const stored = core.store.put(row.storageKey, marked);
  core.committed(row, stored, false);
  return { result: stored, gone: false };
}

/** The finalizers after the propagation policy has had its say. */
function deletionFinalizers(
  row: KindRow,
  object: KubeObject,
  { propagationPolicy }: DeleteOptions,
): string[] {
  const present = object.metadata.finalizers ?? [];
  const others = present.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  if (row.storageKey === CRD_STORAGE_KEY && isEstablished(object as Definition)) {
    return others.includes(CLEANUP_FINALIZER) ? others : [...others, CLEANUP_FINALIZER];
  }
  if (propagationPolicy === 'Orphan') return [...others, ORPHAN];
  if (propagationPolicy === 'Foreground') return [...others, FOREGROUND];
  return propagationPolicy === undefined ? present : others;
}

/** Seconds a pod gets: what the options say, or its spec; none where no kubelet runs it. */
function podGrace(pod: KubeObject, options: DeleteOptions): number {
  const spec = pod['spec'] as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase;
  if (spec?.nodeName === undefined || spec.nodeName === '') return 0;
  if (phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked = options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  return asked < 0 ? 1 : asked;
}

interface Marking {
  readonly finalizers: readonly string[];
  readonly grace: number;
}

/** The object with its deletion written into it; the same value where that says nothing new. */
function mark(core: Core, row: KindRow, object: KubeObject, { finalizers, grace }: Marking): KubeObject {
  const { metadata } = object;
  const already = metadata.deletionTimestamp !== undefined;
  const sameFinalizers = finalizers.join('\0') === (metadata.finalizers ?? []).join('\0');
  if (already && sameFinalizers && grace >= (metadata.deletionGracePeriodSeconds ?? 0)) return object;
  const isCrd = row.storageKey === CRD_STORAGE_KEY;
  const isNamespace = row.storageKey === 'namespaces';
  const shorter = already && grace >= (metadata.deletionGracePeriodSeconds ?? 0);
  const next: Record<string, unknown> = { ...metadata, finalizers };
  if (!shorter) {
    next['deletionTimestamp'] = timestamp({ ...core.clock, now: () => core.clock.now() + grace * 1000 });
    if (!isCrd && !isNamespace) next['deletionGracePeriodSeconds'] = grace;
  }
  if (metadata.generation !== undefined && !already && !isCrd) next['generation'] = metadata.generation + 1;
  const marked: KubeObject = { ...object, metadata: next as unknown as KubeObject['metadata'] };
  if (isNamespace) marked['status'] = { ...(object['status'] as object | undefined), phase: 'Terminating' };
  if (isCrd && !isTerminating(marked as Definition)) {
    marked['status'] = terminatingStatus(marked as Definition, 'pending', timestamp(core.clock));
  }
  return normalObject(marked);
}
