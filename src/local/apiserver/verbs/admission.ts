/** The admission plugins a default API server has on, as far as they matter here. */
import type { KubeObject } from '../../../kube/index.js';
import { notFound, failure } from '../status.js';
import type { Call, Core } from './call.js';
import { admitPod } from './podAdmission.js';
import { allocateForService } from './serviceAddresses.js';

/** Changes the object in place; throws 403 and 404. */
export function admitCreate(core: Core, call: Call, object: KubeObject): void {
  checkNamespaceExists(core, call, shownName(object));
  if (call.row.storageKey === 'pods') admitPod(core, call, object);
  if (call.row.storageKey === 'services') allocateForService(core, object);
}

/** Changes what an update sent, in place; throws 422. */
export function admitUpdate(core: Core, call: Call, old: KubeObject, sent: KubeObject): void {
  if (call.row.storageKey === 'services' && call.subresource === '') allocateForService(core, sent, old);
}

/** Admission comes before names are generated. */
export function shownName({ metadata }: KubeObject): string {
  return metadata.name || (metadata.generateName ?? '');
}

const NAMESPACES = { group: '', plural: 'namespaces' };

/** NamespaceLifecycle: nothing is made in a namespace that is not there, or that is going away. */
function checkNamespaceExists(core: Core, call: Call, name: string): void {
  if (call.namespace === '') return;
  const namespace = core.store.bucket('namespaces').get(call.namespace);
  if (namespace === undefined) throw notFound(NAMESPACES, call.namespace);
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const { row } = call;
  const resource = row.group === '' ? row.plural : `${row.plural}.${row.group}`;
  const why = `unable to create new content in namespace ${call.namespace} because it is being terminated`;
  throw failure({
    code: 403,
    reason: 'Forbidden',
    message: `${resource} ${JSON.stringify(name)} is forbidden: ${why}`,
    details: {
      name,
      ...(row.group === '' ? {} : { group: row.group }),
      kind: row.plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${call.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}
