/**
 * What the published models do not say about built-in types: how lists and maps merge. One row a field, named
 * `Definition.field`; a list or object without a row is a list of atoms, or a map merged key by key.
 * Source: the patchStrategy, patchMergeKey, listType, listMapKey, mapType and structType tags of k8s.io/api and
 * k8s.io/apimachinery.
 */
import type { Schema } from './schema.js';

/** A list of objects told apart by `keys`; strategic merge patch knows only `mergeKey`. */
function map(keys: string[], patch?: { mergeKey?: string; strategy?: string }): Partial<Schema> {
  return {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    ...(patch === undefined
      ? {}
      : {
          'x-kubernetes-patch-strategy': patch.strategy ?? 'merge',
          'x-kubernetes-patch-merge-key': patch.mergeKey ?? keys[0],
        }),
  };
}

const keyed = (key: string): Partial<Schema> => map([key], {});
const retaining = (key: string): Partial<Schema> => map([key], { strategy: 'merge,retainKeys' });
const set: Partial<Schema> = { 'x-kubernetes-list-type': 'set' };
const mergedSet: Partial<Schema> = { ...set, 'x-kubernetes-patch-strategy': 'merge' };
const atomicMap: Partial<Schema> = { 'x-kubernetes-map-type': 'atomic' };
const atomicListMergedBy = (key: string): Partial<Schema> => ({
  'x-kubernetes-list-type': 'atomic',
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': key,
});

const containerFields = (definition: string): Record<string, Partial<Schema>> => ({
  [`${definition}.env`]: keyed('name'),
  [`${definition}.ports`]: map(['containerPort', 'protocol'], {}),
  [`${definition}.volumeDevices`]: keyed('devicePath'),
  [`${definition}.volumeMounts`]: keyed('mountPath'),
});

const conditionsOf = (...definitions: string[]): Record<string, Partial<Schema>> =>
  Object.fromEntries(definitions.map((definition) => [`${definition}.conditions`, keyed('type')]));

export const FIELD_OVERLAY: Readonly<Record<string, Partial<Schema>>> = {
  'ObjectMeta.finalizers': mergedSet,
  'ObjectMeta.ownerReferences': keyed('uid'),
  ...containerFields('Container'),
  ...containerFields('EphemeralContainer'),
  'ContainerStatus.allocatedResourcesStatus': keyed('name'),
  'ContainerStatus.volumeMounts': keyed('mountPath'),
  'PodSpec.containers': keyed('name'),
  'PodSpec.ephemeralContainers': keyed('name'),
  'PodSpec.hostAliases': keyed('ip'),
  'PodSpec.imagePullSecrets': keyed('name'),
  'PodSpec.initContainers': keyed('name'),
  'PodSpec.nodeSelector': atomicMap,
  'PodSpec.resourceClaims': retaining('name'),
  'PodSpec.schedulingGates': keyed('name'),
  'PodSpec.topologySpreadConstraints': map(['topologyKey', 'whenUnsatisfiable'], {}),
  'PodSpec.volumes': retaining('name'),
  'PodStatus.hostIPs': atomicListMergedBy('ip'),
  'PodStatus.podIPs': keyed('ip'),
  'PodStatus.resourceClaimStatuses': retaining('name'),
  'ResourceRequirements.claims': map(['name']),
  'ResourceStatus.resources': map(['resourceID']),
  'NodeSpec.podCIDRs': mergedSet,
  'NodeStatus.addresses': keyed('type'),
  'ReplicationControllerSpec.selector': atomicMap,
  'ServiceAccount.secrets': keyed('name'),
  'ServiceSpec.ports': map(['port', 'protocol'], {}),
  'ServiceSpec.selector': atomicMap,
  'DeploymentSpec.strategy': { 'x-kubernetes-patch-strategy': 'retainKeys' },
  'JobStatus.conditions': atomicListMergedBy('type'),
  'UncountedTerminatedPods.failed': set,
  'UncountedTerminatedPods.succeeded': set,
  'PodFailurePolicyOnExitCodesRequirement.values': set,
  'ContainerRestartRuleOnExitCodes.values': set,
  'Endpoint.addresses': set,
  'CustomResourceDefinitionStatus.conditions': map(['type']),
  'JSONSchemaProps.x-kubernetes-validations': keyed('rule'),
  ...conditionsOf(
    'DaemonSetStatus',
    'DeploymentStatus',
    'HorizontalPodAutoscalerStatus',
    'NamespaceStatus',
    'NodeStatus',
    'PersistentVolumeClaimStatus',
    'PodDisruptionBudgetStatus',
    'PodStatus',
    'ReplicaSetStatus',
    'ReplicationControllerStatus',
    'ServiceStatus',
    'StatefulSetStatus',
  ),
};

/** Objects that are replaced as one, wherever they stand. */
export const ATOMIC_DEFINITIONS: ReadonlySet<string> = new Set([
  'ConfigMapKeySelector',
  'EndpointAddress',
  'EndpointPort',
  'FileKeySelector',
  'LabelSelector',
  'LocalObjectReference',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectFieldSelector',
  'ObjectReference',
  'ResourceFieldSelector',
  'RoleRef',
  'ScopeSelector',
  'ScopedResourceSelectorRequirement',
  'SecretKeySelector',
  'SecretReference',
  'Subject',
  'TopologySelectorTerm',
  'TypedLocalObjectReference',
]);

/** Granular although their definition is atomic elsewhere. */
export const GRANULAR_FIELDS: ReadonlySet<string> = new Set(['PersistentVolumeSpec.claimRef']);
