/** Columns of the other kinds of the core group, and of coordination, events and storage. */
import type { KubeObject } from '../../../kube/index.js';
import type { JsonObject } from '../json.js';
import { AGE, column, NAME, NONE, orNone, type ColumnSpec } from './column.js';
import { ageOf } from './duration.js';
import { integer, intOrString, objects, part, text, texts } from './read.js';

const wide = { wide: true };
const size = (object: JsonObject, ...keys: string[]): number =>
  keys.reduce((total, key) => total + Object.keys(part(object, key)).length, 0);

const CONFIG_MAP: readonly ColumnSpec[] = [NAME, column('Data', (o) => size(o, 'data', 'binaryData')), AGE];

const SECRET: readonly ColumnSpec[] = [
  NAME,
  column('Type', (o) => text(o, 'type')),
  column('Data', (o) => size(o, 'data')),
  AGE,
];

const SERVICE_ACCOUNT: readonly ColumnSpec[] = [
  NAME,
  column('Secrets', (o) => objects(o, 'secrets').length),
  AGE,
];

const NAMESPACE: readonly ColumnSpec[] = [
  NAME,
  column('Status', (o) => text(part(o, 'status'), 'phase')),
  AGE,
];

const LEASE: readonly ColumnSpec[] = [
  NAME,
  column('Holder', (o) => text(part(o, 'spec'), 'holderIdentity')),
  AGE,
];

const EVENT: readonly ColumnSpec[] = [
  column('Last Seen', (o, now) => lastSeen(o, now)),
  column('Type', (o) => text(o, 'type')),
  column('Reason', (o) => text(o, 'reason')),
  column('Object', (o) => {
    const about = eventSubject(o);
    return `${text(about, 'kind').toLowerCase()}/${text(about, 'name')}`;
  }),
  column('Subobject', (o) => text(eventSubject(o), 'fieldPath'), wide),
  column('Source', eventSource, wide),
  column('Message', (o) => (text(o, 'message') || text(o, 'note')).trim()),
  column('First Seen', (o, now) => ageOf(firstTime(o), now), wide),
  column('Count', eventCount, wide),
  { ...NAME, priority: 1 },
];

/** core/v1 says involvedObject, events.k8s.io/v1 says regarding. */
function eventSubject(event: KubeObject): JsonObject {
  return { ...part(event, 'involvedObject'), ...part(event, 'regarding') };
}

function eventSource(event: KubeObject): string {
  const component =
    text(part(event, 'source'), 'component') || text(part(event, 'deprecatedSource'), 'component');
  const host = text(part(event, 'source'), 'host') || text(part(event, 'deprecatedSource'), 'host');
  const reporter = component || text(event, 'reportingComponent') || text(event, 'reportingController');
  const instance = host || text(event, 'reportingInstance');
  return instance === '' ? reporter : `${reporter}, ${instance}`;
}

function firstTime(event: KubeObject): string {
  return text(event, 'firstTimestamp') || text(event, 'deprecatedFirstTimestamp') || text(event, 'eventTime');
}

function lastSeen(event: KubeObject, now: number): string {
  const series = text(part(event, 'series'), 'lastObservedTime');
  const last = text(event, 'lastTimestamp') || text(event, 'deprecatedLastTimestamp');
  return ageOf(series || last || firstTime(event), now);
}

function eventCount(event: KubeObject): number {
  const count = integer(part(event, 'series'), 'count') || integer(event, 'count');
  return count || integer(event, 'deprecatedCount') || 1;
}

const NODE: readonly ColumnSpec[] = [
  NAME,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  AGE,
  column('Version', (o) => text(part(o, 'status.nodeInfo'), 'kubeletVersion')),
  column('Internal-IP', (o) => nodeAddress(o, 'InternalIP'), wide),
  column('External-IP', (o) => nodeAddress(o, 'ExternalIP'), wide),
  column('OS-Image', (o) => nodeInfo(o, 'osImage'), wide),
  column('Kernel-Version', (o) => nodeInfo(o, 'kernelVersion'), wide),
  column('Container-Runtime', (o) => nodeInfo(o, 'containerRuntimeVersion'), wide),
];

function nodeStatus(node: KubeObject): string {
  const ready = objects(part(node, 'status'), 'conditions').find((each) => each['type'] === 'Ready');
  const health = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  return part(node, 'spec')['unschedulable'] === true ? `${health},SchedulingDisabled` : health;
}

const ROLE_LABEL = 'node-role.kubernetes.io/';

function nodeRoles(node: KubeObject): string {
  const labels = Object.entries(node.metadata.labels ?? {});
  const roles = labels.flatMap(([key, value]) => {
    if (key.startsWith(ROLE_LABEL) && key !== ROLE_LABEL) return [key.slice(ROLE_LABEL.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return orNone([...new Set(roles)].sort().join(','));
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = objects(part(node, 'status'), 'addresses').find((address) => address['type'] === type);
  return found === undefined ? NONE : text(found, 'address');
}

function nodeInfo(node: KubeObject, key: string): string {
  return text(part(node, 'status.nodeInfo'), key) || '<unknown>';
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function accessModes(object: JsonObject): string {
  const given = new Set(texts(object, 'accessModes'));
  return Object.entries(ACCESS_MODES)
    .filter(([mode]) => given.has(mode))
    .map(([, short]) => short)
    .join(',');
}

const spec = (object: KubeObject): JsonObject => part(object, 'spec');
const storageClass = column('StorageClass', (o) => text(spec(o), 'storageClassName'));
const attributesClass = column('VolumeAttributesClass', (o) =>
  intOrString(spec(o)['volumeAttributesClassName'], '<unset>'),
);
const volumeMode = column('VolumeMode', (o) => intOrString(spec(o)['volumeMode'], '<unset>'), wide);

function phaseOf(object: KubeObject): string {
  const phase = text(part(object, 'status'), 'phase');
  return object.metadata.deletionTimestamp === undefined ? phase : 'Terminating';
}

const PERSISTENT_VOLUME: readonly ColumnSpec[] = [
  NAME,
  column('Capacity', (o) => intOrString(part(o, 'spec.capacity')['storage'], '')),
  column('Access Modes', (o) => accessModes(spec(o))),
  column('Reclaim Policy', (o) => text(spec(o), 'persistentVolumeReclaimPolicy')),
  column('Status', phaseOf),
  column('Claim', (o) => {
    const claim = part(o, 'spec.claimRef');
    return claim['name'] === undefined ? '' : `${text(claim, 'namespace')}/${text(claim, 'name')}`;
  }),
  storageClass,
  attributesClass,
  column('Reason', (o) => text(part(o, 'status'), 'reason')),
  AGE,
  volumeMode,
];

const PERSISTENT_VOLUME_CLAIM: readonly ColumnSpec[] = [
  NAME,
  column('Status', phaseOf),
  column('Volume', (o) => text(spec(o), 'volumeName')),
  column('Capacity', (o) => {
    const bound = text(spec(o), 'volumeName') !== '';
    return bound ? intOrString(part(o, 'status.capacity')['storage'], '0') : '';
  }),
  column('Access Modes', (o) => (text(spec(o), 'volumeName') === '' ? '' : accessModes(part(o, 'status')))),
  storageClass,
  attributesClass,
  AGE,
  volumeMode,
];

const RESOURCE_QUOTA: readonly ColumnSpec[] = [
  NAME,
  column('Request', (o) => quotaUse(o, (name) => !name.startsWith('limits'))),
  column('Limit', (o) => quotaUse(o, (name) => name.startsWith('limits'))),
  AGE,
];

function quotaUse(quota: KubeObject, wanted: (resource: string) => boolean): string {
  const used = part(quota, 'status.used');
  return Object.entries(part(quota, 'status.hard'))
    .filter(([name]) => wanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${intOrString(used[name], '0')}/${intOrString(hard, '0')}`)
    .join(', ');
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

const STORAGE_CLASS: readonly ColumnSpec[] = [
  {
    ...NAME,
    cell: ({ metadata }) =>
      metadata.annotations?.[DEFAULT_CLASS] === 'true' ? `${metadata.name} (default)` : metadata.name,
  },
  column('Provisioner', (o) => text(o, 'provisioner')),
  column('ReclaimPolicy', (o) => text(o, 'reclaimPolicy') || 'Delete'),
  column('VolumeBindingMode', (o) => text(o, 'volumeBindingMode') || 'Immediate'),
  column('AllowVolumeExpansion', (o) => o['allowVolumeExpansion'] === true),
  AGE,
];

const PRIORITY_CLASS: readonly ColumnSpec[] = [
  NAME,
  column('Value', (o) => integer(o, 'value'), { type: 'integer' }),
  column('Global-Default', (o) => o['globalDefault'] === true, { type: 'boolean' }),
  AGE,
  column('PreemptionPolicy', (o) => text(o, 'preemptionPolicy'), wide),
];

export const CORE_COLUMNS: Readonly<Record<string, readonly ColumnSpec[]>> = {
  ConfigMap: CONFIG_MAP,
  Secret: SECRET,
  ServiceAccount: SERVICE_ACCOUNT,
  Namespace: NAMESPACE,
  Lease: LEASE,
  Event: EVENT,
  Node: NODE,
  PersistentVolume: PERSISTENT_VOLUME,
  PersistentVolumeClaim: PERSISTENT_VOLUME_CLAIM,
  ResourceQuota: RESOURCE_QUOTA,
  StorageClass: STORAGE_CLASS,
  PriorityClass: PRIORITY_CLASS,
};
