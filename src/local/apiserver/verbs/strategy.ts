/** What each kind's strategy does to an object before it is checked and stored: status, generation, immutable parts. */
import type { KubeObject } from '../../../kube/index.js';
import { equalJson, isObject } from '../json.js';
import { type Definition, initialStatus } from '../crd/index.js';
import { CRD_STORAGE_KEY } from '../kinds/kinds.js';
import type { KindRow } from '../kinds/kind.js';
import type { Call, Core } from './call.js';
import { keptMetadata } from './metadata.js';

/** The first status of kinds that have one from birth. */
const FIRST_STATUS: Readonly<Record<string, unknown>> = {
  namespaces: { phase: 'Active' },
  pods: { phase: 'Pending' },
  persistentvolumes: { phase: 'Pending' },
  persistentvolumeclaims: { phase: 'Pending' },
  services: { loadBalancer: {} },
  'networking.k8s.io/ingresses': { loadBalancer: {} },
  'policy/poddisruptionbudgets': {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
  'autoscaling/horizontalpodautoscalers': { desiredReplicas: 0, currentMetrics: null },
};

/** Kinds whose status is always written, even empty. */
const ALWAYS_STATUS: ReadonlySet<string> = new Set([
  'apps/deployments',
  'apps/statefulsets',
  'apps/daemonsets',
  'apps/replicasets',
  'batch/jobs',
  'batch/cronjobs',
  'replicationcontrollers',
  'resourcequotas',
  'nodes',
]);

const EMPTY_STATUS: Readonly<Record<string, unknown>> = {
  'apps/replicasets': { replicas: 0 },
  'apps/statefulsets': { replicas: 0, availableReplicas: 0 },
  'apps/daemonsets': {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  replicationcontrollers: { replicas: 0 },
};

interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** A pod's quality of service: what its containers ask for and may use (k8s.io/kubernetes/pkg/apis/core/v1/helper/qos). */
function qosClass(pod: KubeObject): string {
  const { containers = [] } = (pod['spec'] ?? {}) as { containers?: { resources?: Resources }[] };
  const asked = containers.map(({ resources = {} }) => resources);
  const names = ['cpu', 'memory'];
  const some = asked.some(({ requests = {}, limits = {} }) =>
    names.some((name) => name in requests || name in limits),
  );
  if (!some) return 'BestEffort';
  const guaranteed = asked.every(({ requests = {}, limits = {} }) =>
    names.every((name) => name in limits && (requests[name] ?? limits[name]) === limits[name]),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** A new object: the client's status goes, the kind's first one comes. Changes it in place. */
export function prepareNew(_core: Core, call: Call, object: KubeObject): void {
  const { row } = call;
  if (row.storageKey === 'namespaces') object['spec'] = { finalizers: ['kubernetes'] };
  if (!row.status) return;
  delete object['status'];
  if (row.storageKey === CRD_STORAGE_KEY) object['status'] = initialStatus(object as Definition);
  const first = FIRST_STATUS[row.storageKey] ?? EMPTY_STATUS[row.storageKey];
  if (first !== undefined) object['status'] = structuredClone(first);
  else if (ALWAYS_STATUS.has(row.storageKey)) object['status'] = {};
  if (row.storageKey === 'pods') object['status'] = { phase: 'Pending', qosClass: qosClass(object) };
}

/**
 * The object an update makes of `old` and what the client sent: at the main path the status stays, at /status
 * everything else does; the generation rises with what the row says it counts.
 */
export function preparedUpdate(
  row: KindRow,
  old: KubeObject,
  sent: KubeObject,
  subresource: string,
): KubeObject {
  const metadata = keptMetadata(sent.metadata, old.metadata);
  if (subresource === 'status') return statusUpdate(row, old, sent, metadata);
  if (subresource === 'finalize') return finalizeUpdate(old, sent);
  const result: KubeObject = { ...sent, metadata };
  if (row.status) {
    if (old['status'] === undefined) delete result['status'];
    else result['status'] = old['status'];
  }
  if (row.storageKey === 'namespaces') keepFinalizers(old, result);
  if (row.generation !== 'none' && generationChanged(row, old, result)) {
    metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
  return result;
}

function statusUpdate(
  row: KindRow,
  old: KubeObject,
  sent: KubeObject,
  metadata: KubeObject['metadata'],
): KubeObject {
  const result: KubeObject = { ...old };
  result.metadata =
    row.custom === undefined
      ? metadata
      : {
          ...old.metadata,
          ...(metadata.managedFields === undefined ? {} : { managedFields: metadata.managedFields }),
        };
  if (sent['status'] === undefined) delete result['status'];
  else result['status'] = sent['status'];
  if (result['status'] === undefined && ALWAYS_STATUS.has(row.storageKey)) {
    result['status'] = structuredClone(EMPTY_STATUS[row.storageKey] ?? {});
  }
  if (row.storageKey === 'pods') result['status'] = withAddresses(result['status']);
  return result;
}

/** podIP is the first of podIPs, whichever of them the node wrote. */
function withAddresses(status: unknown): unknown {
  if (!isObject(status)) return status;
  const { podIP, podIPs } = status;
  const first = Array.isArray(podIPs) && isObject(podIPs[0]) ? podIPs[0]['ip'] : undefined;
  if (podIP === undefined && first !== undefined) return { ...status, podIP: first };
  return podIP === undefined || podIP === first ? status : { ...status, podIPs: [{ ip: podIP }] };
}

/** Nothing but spec.finalizers. */
function finalizeUpdate(old: KubeObject, sent: KubeObject): KubeObject {
  const { finalizers } = (sent['spec'] ?? {}) as { finalizers?: string[] };
  const { finalizers: _old, ...spec } = (old['spec'] ?? {}) as { finalizers?: string[] };
  return { ...old, spec: finalizers === undefined ? spec : { ...spec, finalizers } };
}

/** spec.finalizers of a namespace change at /finalize only. */
function keepFinalizers(old: KubeObject, result: KubeObject): void {
  const oldSpec = old['spec'] as { finalizers?: string[] } | undefined;
  const spec = { ...(result['spec'] as object | undefined) } as { finalizers?: string[] };
  if (oldSpec?.finalizers === undefined) delete spec.finalizers;
  else spec.finalizers = oldSpec.finalizers;
  result['spec'] = spec;
}

function generationChanged(row: KindRow, old: KubeObject, changed: KubeObject): boolean {
  if (row.generation === 'spec' && row.custom === undefined) return !equalJson(old['spec'], changed['spec']);
  const bare = (object: KubeObject) => {
    const { metadata: _metadata, kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    if (row.status) delete rest['status'];
    return rest;
  };
  return !equalJson(bare(old), bare(changed));
}
