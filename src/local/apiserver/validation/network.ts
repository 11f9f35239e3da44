/** NetworkPolicies, Ingresses and EndpointSlices. Source: k8s.io/kubernetes/pkg/apis/{networking,discovery}/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { forbidden, invalid, required } from '../schema/field-errors.js';
import { isCidr } from '../schema/formats.js';
import type { FieldError } from '../status.js';
import { type LabelSelector, validateSelector } from './selectors.js';
import { immutable, oneOf, portNumberOrName, present } from './values.js';

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

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export function validateEndpointSlice(slice: KubeObject, old?: KubeObject): FieldError[] {
  const type = slice['addressType'];
  if (typeof type !== 'string' || type === '') return [required('addressType')];
  const errors = oneOf(type, ADDRESS_TYPES, 'addressType');
  return old === undefined ? errors : [...errors, ...immutable(type, old['addressType'], 'addressType')];
}

interface IngressSpec {
  readonly defaultBackend?: object;
  readonly rules?: readonly { http?: { paths?: readonly IngressPath[] } }[];
}

interface IngressPath {
  readonly path?: string;
  readonly pathType?: string;
}

export function validateIngress(ingress: KubeObject): FieldError[] {
  const { defaultBackend, rules = [] } = (ingress['spec'] ?? {}) as IngressSpec;
  if (defaultBackend === undefined && rules.length === 0) {
    return [invalid('spec', ingress['spec'] ?? {}, 'either `defaultBackend` or `rules` must be specified')];
  }
  return rules.flatMap(({ http }, i) =>
    (http?.paths ?? []).flatMap(({ path = '', pathType }, j) => {
      const at = `spec.rules[${i}].http.paths[${j}]`;
      const errors = present(pathType, `${at}.pathType`, 'pathType must be specified');
      errors.push(...oneOf(pathType, ['Exact', 'ImplementationSpecific', 'Prefix'], `${at}.pathType`));
      const mustBeAbsolute = pathType === 'Exact' || pathType === 'Prefix';
      if (mustBeAbsolute && !path.startsWith('/')) {
        errors.push(invalid(`${at}.path`, path, 'must be an absolute path'));
      }
      return errors;
    }),
  );
}
