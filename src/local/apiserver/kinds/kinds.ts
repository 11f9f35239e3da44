/** The one table of built-in kinds. Custom resources bring their own rows (crd/). */
import { builtinSchema } from '../schema/builtin.js';
import { apiVersionOf, type KindRow, type OtherSubresource, type ScalePaths, type Verb } from './kind.js';

const ALL: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
const NO_COLLECTION_DELETE = ALL.filter((verb) => verb !== 'deletecollection');
const REVIEW: readonly Verb[] = ['create'];

const REPLICAS: ScalePaths = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};

const POD_SUBRESOURCES: readonly OtherSubresource[] = [
  { name: 'binding', kind: 'Binding', verbs: ['create'] },
  { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  { name: 'log', kind: 'Pod', verbs: ['get'] },
];

/** The parts of a row that differ from the common case: namespaced, every verb, no subresource, no generation. */
interface Row {
  readonly kind: string;
  readonly plural?: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: true;
  readonly verbs?: readonly Verb[];
  readonly status?: true;
  readonly scale?: ScalePaths;
  readonly other?: readonly OtherSubresource[];
  readonly generation?: 'spec';
  readonly select?: readonly string[];
  readonly storageKey?: string;
}

const EVENT_FIELDS = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

const POD_FIELDS = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];

const WORKLOAD = { categories: ['all'], status: true, generation: 'spec' } as const;

/** group/version -> rows. */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    { kind: 'ConfigMap', short: ['cm'] },
    { kind: 'Endpoints', plural: 'endpoints', short: ['ep'] },
    { kind: 'Event', short: ['ev'], select: EVENT_FIELDS },
    { kind: 'LimitRange', short: ['limits'] },
    {
      kind: 'Namespace',
      short: ['ns'],
      cluster: true,
      verbs: NO_COLLECTION_DELETE,
      status: true,
      other: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
      select: ['status.phase'],
    },
    { kind: 'Node', short: ['no'], cluster: true, status: true, select: ['spec.unschedulable'] },
    { kind: 'PersistentVolumeClaim', short: ['pvc'], status: true },
    { kind: 'PersistentVolume', short: ['pv'], cluster: true, status: true },
    {
      kind: 'Pod',
      short: ['po'],
      categories: ['all'],
      status: true,
      generation: 'spec',
      other: POD_SUBRESOURCES,
      select: POD_FIELDS,
    },
    { kind: 'PodTemplate' },
    {
      kind: 'ReplicationController',
      short: ['rc'],
      ...WORKLOAD,
      scale: REPLICAS,
      select: ['status.replicas'],
    },
    { kind: 'ResourceQuota', short: ['quota'], status: true },
    { kind: 'Secret', select: ['type'] },
    { kind: 'ServiceAccount', short: ['sa'] },
    {
      kind: 'Service',
      short: ['svc'],
      categories: ['all'],
      status: true,
      select: ['spec.clusterIP', 'spec.type'],
    },
  ],
  'apps/v1': [
    { kind: 'ControllerRevision' },
    { kind: 'DaemonSet', short: ['ds'], ...WORKLOAD },
    { kind: 'Deployment', short: ['deploy'], ...WORKLOAD, scale: REPLICAS },
    { kind: 'ReplicaSet', short: ['rs'], ...WORKLOAD, scale: REPLICAS },
    { kind: 'StatefulSet', short: ['sts'], ...WORKLOAD, scale: REPLICAS },
  ],
  'events.k8s.io/v1': [
    {
      kind: 'Event',
      short: ['ev'],
      storageKey: 'events',
      select: [
        'regarding.kind',
        'regarding.namespace',
        'regarding.name',
        'regarding.uid',
        'regarding.apiVersion',
        'regarding.resourceVersion',
        'regarding.fieldPath',
        'reason',
        'reportingController',
        'type',
      ],
    },
  ],
  'authentication.k8s.io/v1': [
    { kind: 'SelfSubjectReview', cluster: true, verbs: REVIEW },
    { kind: 'TokenReview', cluster: true, verbs: REVIEW },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'LocalSubjectAccessReview', verbs: REVIEW },
    { kind: 'SelfSubjectAccessReview', cluster: true, verbs: REVIEW },
    { kind: 'SelfSubjectRulesReview', cluster: true, verbs: REVIEW },
    { kind: 'SubjectAccessReview', cluster: true, verbs: REVIEW },
  ],
  'autoscaling/v2': [{ kind: 'HorizontalPodAutoscaler', short: ['hpa'], categories: ['all'], status: true }],
  'batch/v1': [
    { kind: 'CronJob', short: ['cj'], ...WORKLOAD },
    { kind: 'Job', ...WORKLOAD, select: ['status.successful'] },
  ],
  'networking.k8s.io/v1': [
    { kind: 'IngressClass', plural: 'ingressclasses', cluster: true, generation: 'spec' },
    { kind: 'Ingress', plural: 'ingresses', short: ['ing'], status: true, generation: 'spec' },
    { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'], generation: 'spec' },
  ],
  'policy/v1': [{ kind: 'PodDisruptionBudget', short: ['pdb'], status: true, generation: 'spec' }],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'ClusterRoleBinding', cluster: true },
    { kind: 'ClusterRole', cluster: true },
    { kind: 'RoleBinding' },
    { kind: 'Role' },
  ],
  'storage.k8s.io/v1': [{ kind: 'StorageClass', plural: 'storageclasses', short: ['sc'], cluster: true }],
  'apiextensions.k8s.io/v1': [
    {
      kind: 'CustomResourceDefinition',
      short: ['crd', 'crds'],
      categories: ['api-extensions'],
      cluster: true,
      status: true,
      generation: 'spec',
    },
  ],
  'scheduling.k8s.io/v1': [
    { kind: 'PriorityClass', plural: 'priorityclasses', short: ['pc'], cluster: true },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease' }],
  'discovery.k8s.io/v1': [{ kind: 'EndpointSlice' }],
};

function groupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

function complete(apiVersion: string, row: Row): KindRow {
  const { group, version } = groupVersion(apiVersion);
  const singular = row.kind.toLowerCase();
  const plural = row.plural ?? `${singular}s`;
  return {
    group,
    version,
    kind: row.kind,
    plural,
    singular,
    listKind: `${row.kind}List`,
    namespaced: row.cluster !== true,
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    verbs: row.verbs ?? ALL,
    storageKey: row.storageKey ?? (group === '' ? plural : `${group}/${plural}`),
    status: row.status ?? false,
    ...(row.scale === undefined ? {} : { scale: row.scale }),
    otherSubresources: row.other ?? [],
    generation: row.generation ?? 'none',
    selectableFields: row.select ?? [],
    schema: () => builtinSchema(group, version, row.kind),
  };
}

export const BUILTIN_KINDS: readonly KindRow[] = Object.entries(TABLE).flatMap(([apiVersion, rows]) =>
  rows.map((row) => complete(apiVersion, row)),
);

/** Where CustomResourceDefinitions are stored. */
export const CRD_STORAGE_KEY = 'apiextensions.k8s.io/customresourcedefinitions';

/** The built-in row of a kind; undefined when there is none. */
export function builtinKind(apiVersion: string, kind: string): KindRow | undefined {
  return BUILTIN_KINDS.find((row) => row.kind === kind && apiVersionOf(row) === apiVersion);
}
