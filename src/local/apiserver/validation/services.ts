/** Services. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (ValidateService). */
import { isIP } from 'node:net';
import type { KubeObject } from '../../../kube/index.js';
import { duplicate, forbidden, invalid, required } from '../schema/field-errors.js';
import { isCidr } from '../schema/formats.js';
import type { FieldError } from '../status.js';
import { validateLabels } from './metadata.js';
import { dnsLabel, dnsSubdomain, portName, qualifiedName } from './names.js';
import { named, oneOf, portNumber } from './values.js';

interface ServicePort {
  readonly appProtocol?: string;
  readonly name?: string;
  readonly nodePort?: number;
  readonly port?: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
}

interface ServiceSpec {
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly externalName?: string;
  readonly externalTrafficPolicy?: string;
  readonly internalTrafficPolicy?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly ports?: readonly ServicePort[];
  readonly selector?: Record<string, string>;
  readonly sessionAffinity?: string;
  readonly type?: string;
}

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const NOT_AN_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

export function validateService(service: KubeObject, old?: KubeObject): FieldError[] {
  const spec = (service['spec'] ?? {}) as ServiceSpec;
  const errors = [
    ...oneOf(spec.type, TYPES, 'spec.type'),
    ...oneOf(spec.sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity'),
    ...oneOf(spec.internalTrafficPolicy, ['Cluster', 'Local'], 'spec.internalTrafficPolicy'),
    ...oneOf(spec.externalTrafficPolicy, ['Cluster', 'Local'], 'spec.externalTrafficPolicy'),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...(spec.type === 'ExternalName' ? validateExternalName(spec) : validateClusterIps(spec)),
    ...validatePorts(spec),
  ];
  spec.externalIPs?.forEach((ip, i) => {
    if (isIP(ip) === 0) errors.push(invalid(`spec.externalIPs[${i}]`, ip, NOT_AN_IP));
  });
  spec.loadBalancerSourceRanges?.forEach((range, i) => {
    if (isCidr(range.trim())) return;
    const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
    errors.push(invalid(`spec.loadBalancerSourceRanges[${i}]`, range, detail));
  });
  return old === undefined ? errors : [...errors, ...validateUpdate(spec, old['spec'] ?? {})];
}

function validateExternalName({ externalName, clusterIP }: ServiceSpec): FieldError[] {
  const path = 'spec.externalName';
  const errors =
    externalName === undefined || externalName === ''
      ? [required(path)]
      : named(dnsSubdomain, externalName.replace(/\.$/, ''), path);
  if (clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None') {
    errors.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
  }
  return errors;
}

function validateClusterIps({ clusterIP = '', clusterIPs = [], type }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (clusterIP === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (clusterIPs.length > 0 && clusterIP !== clusterIPs[0]) {
    errors.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  }
  clusterIPs.forEach((ip, i) => {
    if (ip !== 'None' && isIP(ip) === 0) errors.push(invalid(`spec.clusterIPs[${i}]`, ip, NOT_AN_IP));
  });
  return errors;
}

function validatePorts({ ports = [], type, clusterIP }: ServiceSpec): FieldError[] {
  if (ports.length === 0) {
    const mayHaveNone = type === 'ExternalName' || clusterIP === 'None';
    return mayHaveNone ? [] : [required('spec.ports')];
  }
  const names = new Set<string>();
  const taken = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `spec.ports[${i}]`;
    const errors = validatePort(port, at);
    const { name = '', port: number = 0, protocol = 'TCP' } = port;
    if (name === '' && ports.length > 1) errors.push(required(`${at}.name`));
    if (name !== '' && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const key = `${protocol}/${number}`;
    if (taken.has(key)) errors.push(duplicatePort(at, protocol, number));
    taken.add(key);
    return errors;
  });
}

/** As the server prints it: its internal struct, with what tells ports apart. */
function duplicatePort(field: string, protocol: string, port: number): FieldError {
  const struct = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(struct)}` };
}

function validatePort(
  { name, port = 0, protocol, targetPort, appProtocol }: ServicePort,
  at: string,
): FieldError[] {
  const errors = name === undefined || name === '' ? [] : named(dnsLabel, name, `${at}.name`);
  errors.push(...portNumber(port, `${at}.port`));
  errors.push(...oneOf(protocol, ['SCTP', 'TCP', 'UDP'], `${at}.protocol`));
  if (typeof targetPort === 'string') errors.push(...named(portName, targetPort, `${at}.targetPort`));
  else errors.push(...portNumber(targetPort ?? port, `${at}.targetPort`));
  return [...errors, ...named(qualifiedName, appProtocol, `${at}.appProtocol`)];
}

/** The addresses of a Service stay while it has any. */
function validateUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  const had = old.clusterIP ?? '';
  if (had === '' || had === spec.clusterIP) return [];
  const value = spec.clusterIPs ?? null;
  const first = spec.clusterIPs?.[0];
  return first === undefined
    ? [invalid('spec.clusterIPs[0]', value, 'primary clusterIP can not be unset')]
    : [invalid('spec.clusterIPs[0]', value, 'may not change once set')];
}
