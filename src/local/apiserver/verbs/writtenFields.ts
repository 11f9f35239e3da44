/** Fields a Go server writes for every value of a type, set or not: clients in other languages count on them. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject } from '../json.js';
import type { KindRow } from '../kinds/kind.js';

/** Adds them where they stand. */
export function addWrittenFields(row: KindRow, object: KubeObject): void {
  if (row.storageKey === 'discovery.k8s.io/endpointslices') fill(object, { endpoints: null, ports: null });
  if (row.storageKey !== 'pods' || !isObject(object['status'])) return;
  const status = object['status'];
  for (const condition of objectsAt(status, 'conditions')) fill(condition, { lastProbeTime: null });
  for (const list of ['containerStatuses', 'initContainerStatuses']) {
    for (const container of objectsAt(status, list)) fill(container, { state: {}, lastState: {} });
  }
}

function objectsAt(object: JsonObject, field: string): JsonObject[] {
  const list = object[field];
  return Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
}

function fill(object: JsonObject, zeros: JsonObject): void {
  for (const [field, zero] of Object.entries(zeros)) {
    if (object[field] === undefined) object[field] = structuredClone(zero);
  }
}
