/**
 * What the operator may do: manifests/rbac.yaml and the chart's rules. test/simulation/rbac.test.ts compares it with the
 * requests the operator makes; what is not asked for is not granted.
 */
import { GROUP, PLURAL } from '../../src/api/index.js';

const NAME = 'gantry-operator';
const NAMESPACE = 'gantry-system';

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const WATCHED = ['list', 'watch'];
/** Children are looked at by name before they are made, and made and changed by server-side apply. */
const APPLIED = ['create', 'get', 'list', 'patch', 'watch'];

/** In every namespace that is watched. */
export const OPERATOR_RULES: readonly PolicyRule[] = [
  { apiGroups: [GROUP], resources: [PLURAL], verbs: WATCHED },
  { apiGroups: [GROUP], resources: [`${PLURAL}/status`], verbs: ['patch'] },
  // No request needs it: the admission plugin OwnerReferencesPermissionEnforcement asks for it on blockOwnerDeletion.
  { apiGroups: [GROUP], resources: [`${PLURAL}/finalizers`], verbs: ['update'] },
  { apiGroups: [''], resources: ['serviceaccounts', 'services'], verbs: APPLIED },
  { apiGroups: [''], resources: ['configmaps'], verbs: [...APPLIED, 'delete'].sort() },
  { apiGroups: [''], resources: ['pods'], verbs: WATCHED },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: APPLIED },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: APPLIED },
  {
    apiGroups: ['autoscaling'],
    resources: ['horizontalpodautoscalers'],
    verbs: [...APPLIED, 'delete'].sort(),
  },
];

/** In the operator's own namespace: the Lease of leader election. */
export const LEASE_RULES: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
];

/** The objects of manifests/rbac.yaml. */
export function rbacObjects(): readonly object[] {
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const leader = { name: `${NAME}-leader`, namespace: NAMESPACE };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: NAMESPACE } },
    { apiVersion, kind: 'ClusterRole', metadata: { name: NAME }, rules: OPERATOR_RULES },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: roleRef('ClusterRole', NAME),
      subjects,
    },
    { apiVersion, kind: 'Role', metadata: leader, rules: LEASE_RULES },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: leader,
      roleRef: roleRef('Role', leader.name),
      subjects,
    },
  ];
}
