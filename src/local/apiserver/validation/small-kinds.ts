/** Kinds with a few rules each. Source: k8s.io/kubernetes/pkg/apis/{coordination,core,rbac,networking,scheduling}/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject } from '../json.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-errors.js';
import { isCidr } from '../schema/formats.js';
import type { FieldError } from '../status.js';
import { type LabelSelector, validateSelector } from './selectors.js';
import { immutable, oneOf, portNumberOrName, positive, present } from './values.js';

interface LeaseSpec {
  readonly leaseDurationSeconds?: number;
  readonly leaseTransitions?: number;
}

export function validateLease(lease: KubeObject): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = (lease['spec'] ?? {}) as LeaseSpec;
  const errors = positive(leaseDurationSeconds, 'spec.leaseDurationSeconds');
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    // The server's own grammar.
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must to greater or equal than 0'));
  }
  return errors;
}

/** core/v1 Events: the object they are about is in their namespace. */
export function validateEvent(event: KubeObject): FieldError[] {
  const involved = isObject(event['involvedObject']) ? event['involvedObject'] : {};
  const namespace = typeof involved['namespace'] === 'string' ? involved['namespace'] : '';
  const own = event.metadata.namespace ?? '';
  const ofCluster = namespace === '' && (own === 'default' || own === 'kube-system');
  if (namespace === own || ofCluster) return [];
  return [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

/** events.k8s.io/v1 Events say when, who and what. */
export function validateNewEvent(event: KubeObject, old?: KubeObject): FieldError[] {
  const regarding = isObject(event['regarding']) ? event['regarding'] : {};
  const errors = validateEvent({ ...event, involvedObject: regarding });
  if (old !== undefined) return errors;
  const type = event['type'];
  errors.push(...present(event['eventTime'], 'eventTime'));
  if (event['eventTime'] !== undefined && event['eventTime'] !== null) {
    for (const field of ['reportingController', 'reportingInstance', 'action', 'reason']) {
      errors.push(...present(event[field], field));
    }
  }
  if (type !== 'Normal' && type !== 'Warning') {
    errors.push(invalid('type', '', `has invalid value: ${typeof type === 'string' ? type : ''}`));
  }
  return errors;
}

interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export function validateRole(role: KubeObject): FieldError[] {
  const rules = (role['rules'] ?? []) as readonly PolicyRule[];
  const namespaced = role.kind === 'Role';
  return rules.flatMap((rule, i) => {
    const at = `rules[${i}]`;
    const urls = rule.nonResourceURLs ?? [];
    const errors =
      (rule.verbs ?? []).length === 0
        ? [required(`${at}.verbs`, 'verbs must contain at least one value')]
        : [];
    if (urls.length > 0) {
      if (namespaced) {
        const detail = 'namespaced rules cannot apply to non-resource URLs';
        errors.push(invalid(`${at}.nonResourceURLs`, urls, detail));
      }
      if ((rule.apiGroups ?? []).length + (rule.resources ?? []).length > 0) {
        const detail = 'rules cannot apply to both regular resources and non-resource URLs';
        errors.push(invalid(`${at}.nonResourceURLs`, urls, detail));
      }
      return errors;
    }
    if ((rule.apiGroups ?? []).length === 0) {
      errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if ((rule.resources ?? []).length === 0) {
      errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
    }
    return errors;
  });
}

const RBAC = 'rbac.authorization.k8s.io';

interface RoleRef {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}

interface Subject extends RoleRef {
  readonly namespace?: string;
}

export function validateBinding(binding: KubeObject, old?: KubeObject): FieldError[] {
  const roleRef = (binding['roleRef'] ?? {}) as RoleRef;
  const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors = [
    ...oneOf(roleRef.apiGroup ?? '', [RBAC], 'roleRef.apiGroup'),
    ...oneOf(roleRef.kind ?? '', kinds, 'roleRef.kind'),
    ...present(roleRef.name, 'roleRef.name'),
  ];
  ((binding['subjects'] ?? []) as readonly Subject[]).forEach((subject, i) => {
    errors.push(...validateSubject(subject, `subjects[${i}]`));
  });
  return old === undefined ? errors : [...errors, ...cannotChange(roleRef, old['roleRef'])];
}

function cannotChange(roleRef: RoleRef, old: unknown): FieldError[] {
  const changed = immutable(roleRef, old, 'roleRef').length > 0;
  return changed ? [invalid('roleRef', roleRef, 'cannot change roleRef')] : [];
}

function validateSubject({ kind = '', name, namespace, apiGroup = '' }: Subject, at: string): FieldError[] {
  const errors = present(name, `${at}.name`);
  if (kind === 'ServiceAccount') {
    errors.push(...present(namespace, `${at}.namespace`));
    if (apiGroup !== '') errors.push(notSupported(`${at}.apiGroup`, apiGroup, ['']));
  } else if (kind === 'User' || kind === 'Group') {
    errors.push(...oneOf(apiGroup, [RBAC], `${at}.apiGroup`));
  } else {
    errors.push(notSupported(`${at}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

interface NetworkPolicySpec {
  readonly egress?: readonly NetworkRule[];
  readonly ingress?: readonly NetworkRule[];
  readonly podSelector?: LabelSelector;
  readonly policyTypes?: readonly string[];
}

interface NetworkRule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { port?: number | string; endPort?: number; protocol?: string }[];
}

interface Peer {
  readonly ipBlock?: { cidr?: string };
  readonly namespaceSelector?: LabelSelector;
  readonly podSelector?: LabelSelector;
}

export function validateNetworkPolicy(policy: KubeObject): FieldError[] {
  const spec = (policy['spec'] ?? {}) as NetworkPolicySpec;
  const errors = validateSelector(spec.podSelector, 'spec.podSelector');
  spec.ingress?.forEach((rule, i) =>
    errors.push(...validateRule(rule, rule.from, `spec.ingress[${i}]`, 'from')),
  );
  spec.egress?.forEach((rule, i) => errors.push(...validateRule(rule, rule.to, `spec.egress[${i}]`, 'to')));
  spec.policyTypes?.forEach((type, i) =>
    errors.push(...oneOf(type, ['Egress', 'Ingress'], `spec.policyTypes[${i}]`)),
  );
  return errors;
}

function validateRule(
  rule: NetworkRule,
  peers: readonly Peer[] = [],
  at: string,
  side: 'from' | 'to',
): FieldError[] {
  const errors: FieldError[] = [];
  rule.ports?.forEach(({ port, protocol }, i) => {
    const path = `${at}.ports[${i}]`;
    if (port !== undefined) errors.push(...portNumberOrName(port, `${path}.port`));
    errors.push(...oneOf(protocol, ['SCTP', 'TCP', 'UDP'], `${path}.protocol`));
  });
  peers.forEach(({ ipBlock, podSelector, namespaceSelector }, i) => {
    const path = `${at}.${side}[${i}]`;
    errors.push(...validateSelector(podSelector, `${path}.podSelector`));
    errors.push(...validateSelector(namespaceSelector, `${path}.namespaceSelector`));
    if (!ipBlock && !podSelector && !namespaceSelector) errors.push(required(path, 'must specify a peer'));
    if (ipBlock && (podSelector ?? namespaceSelector)) {
      errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
    }
    if (ipBlock && !isCidr(ipBlock.cidr ?? '')) {
      const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
      errors.push(invalid(`${path}.ipBlock.cidr`, ipBlock.cidr ?? '', detail));
    }
  });
  return errors;
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

interface ClaimSpec {
  readonly accessModes?: readonly string[];
  readonly resources?: { requests?: Readonly<Record<string, string>> };
}

export function validateClaim(claim: KubeObject): FieldError[] {
  const { accessModes = [], resources } = (claim['spec'] ?? {}) as ClaimSpec;
  const errors = accessModes.flatMap((mode) => oneOf(mode, ACCESS_MODES, 'spec.accessModes'));
  if (accessModes.length === 0)
    errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
  if (resources?.requests?.['storage'] === undefined) errors.push(required('spec.resources[storage]'));
  return errors;
}
