import type { KubeObject, ResourceType } from './object.js';

function resource(group: string, version: string, kind: string, plural: string): ResourceType {
  return { group, version, kind, plural, namespaced: true };
}

function clusterResource(group: string, version: string, kind: string, plural: string): ResourceType {
  return { group, version, kind, plural, namespaced: false };
}

/** The built-in kinds that controllers and the tools around them use, at the versions of a current Kubernetes. */
export const resourceTypes = {
  namespaces: clusterResource('', 'v1', 'Namespace', 'namespaces'),
  nodes: clusterResource('', 'v1', 'Node', 'nodes'),
  pods: resource('', 'v1', 'Pod', 'pods'),
  services: resource('', 'v1', 'Service', 'services'),
  configMaps: resource('', 'v1', 'ConfigMap', 'configmaps'),
  secrets: resource('', 'v1', 'Secret', 'secrets'),
  serviceAccounts: resource('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  endpoints: resource('', 'v1', 'Endpoints', 'endpoints'),
  coreEvents: resource('', 'v1', 'Event', 'events'),
  persistentVolumeClaims: resource('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  persistentVolumes: clusterResource('', 'v1', 'PersistentVolume', 'persistentvolumes'),
  deployments: resource('apps', 'v1', 'Deployment', 'deployments'),
  replicaSets: resource('apps', 'v1', 'ReplicaSet', 'replicasets'),
  statefulSets: resource('apps', 'v1', 'StatefulSet', 'statefulsets'),
  daemonSets: resource('apps', 'v1', 'DaemonSet', 'daemonsets'),
  jobs: resource('batch', 'v1', 'Job', 'jobs'),
  cronJobs: resource('batch', 'v1', 'CronJob', 'cronjobs'),
  horizontalPodAutoscalers: resource(
    'autoscaling',
    'v2',
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
  ),
  podDisruptionBudgets: resource('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  networkPolicies: resource('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  ingresses: resource('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
  endpointSlices: resource('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices'),
  leases: resource('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  events: resource('events.k8s.io', 'v1', 'Event', 'events'),
  roles: resource('rbac.authorization.k8s.io', 'v1', 'Role', 'roles'),
  roleBindings: resource('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  clusterRoles: clusterResource('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'),
  clusterRoleBindings: clusterResource(
    'rbac.authorization.k8s.io',
    'v1',
    'ClusterRoleBinding',
    'clusterrolebindings',
  ),
  customResourceDefinitions: clusterResource(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
  ),
} as const satisfies Record<string, ResourceType>;

/** `apps/v1`, or `v1` for the core group: what an object's `apiVersion` says. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Whether `object` is of `type`, by its `apiVersion` and `kind`. */
export function isOfType(object: KubeObject, type: ResourceType): boolean {
  return object.kind === type.kind && object.apiVersion === apiVersionOf(type);
}
