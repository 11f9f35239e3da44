/** Columns of what carries traffic: Services, endpoints, Ingresses, NetworkPolicies. */
import type { KubeObject } from '../../../kube/index.js';
import type { JsonObject } from '../json.js';
import { AGE, column, formatLabels, formatLabelSelector, NAME, orNone, type ColumnSpec } from './column.js';
import { integer, objects, part, text, texts } from './read.js';

const spec = (object: KubeObject): JsonObject => part(object, 'spec');

const SERVICE: readonly ColumnSpec[] = [
  NAME,
  column('Type', (o) => text(spec(o), 'type')),
  column('Cluster-IP', (o) => orNone(texts(spec(o), 'clusterIPs')[0] ?? text(spec(o), 'clusterIP'))),
  column('External-IP', externalIP),
  column('Port(s)', (o) => orNone(objects(spec(o), 'ports').map(servicePort).join(','))),
  AGE,
  column('Selector', (o) => formatLabels(part(o, 'spec.selector')), { wide: true }),
];

function servicePort(port: JsonObject): string {
  const node = integer(port, 'nodePort');
  return `${integer(port, 'port')}${node > 0 ? `:${node}` : ''}/${text(port, 'protocol')}`;
}

function externalIP(service: KubeObject): string {
  const declared = texts(spec(service), 'externalIPs');
  switch (text(spec(service), 'type')) {
    case 'ExternalName':
      return text(spec(service), 'externalName');
    case 'LoadBalancer': {
      const all = [...ingressAddresses(service), ...declared];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return orNone(declared.join(','));
  }
}

function ingressAddresses(object: KubeObject): string[] {
  const points = objects(part(object, 'status.loadBalancer'), 'ingress');
  return points.map((point) => text(point, 'ip') || text(point, 'hostname')).filter((each) => each !== '');
}

const MOST_ENDPOINTS = 3;

/** At most three, then `+ N more...`. */
function firstFew(all: readonly string[], separator: string): string {
  const more = all.length > MOST_ENDPOINTS ? ` + ${all.length - MOST_ENDPOINTS} more...` : '';
  return all.slice(0, MOST_ENDPOINTS).join(separator) + more;
}

const ENDPOINTS: readonly ColumnSpec[] = [
  NAME,
  column('Endpoints', (o) => orNone(firstFew(objects(o, 'subsets').flatMap(subsetEndpoints), ','))),
  AGE,
];

function subsetEndpoints(subset: JsonObject): string[] {
  const addresses = objects(subset, 'addresses').map((address) => text(address, 'ip'));
  const ports = objects(subset, 'ports');
  if (ports.length === 0) return addresses;
  return ports.flatMap((port) => addresses.map((ip) => hostPort(ip, integer(port, 'port'))));
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const ENDPOINT_SLICE: readonly ColumnSpec[] = [
  NAME,
  column('AddressType', (o) => text(o, 'addressType')),
  column('Ports', slicePorts),
  column('Endpoints', (o) => {
    const addresses = objects(o, 'endpoints').flatMap((endpoint) => texts(endpoint, 'addresses'));
    return addresses.length === 0 ? '<unset>' : firstFew(addresses, ',');
  }),
  AGE,
];

function slicePorts(slice: KubeObject): string {
  const ports = objects(slice, 'ports').map((port) =>
    typeof port['port'] === 'number' ? String(port['port']) : text(port, 'name') || '*',
  );
  return ports.length === 0 ? '<unset>' : firstFew(ports, ',');
}

const INGRESS: readonly ColumnSpec[] = [
  NAME,
  column('Class', (o) => orNone(text(spec(o), 'ingressClassName'))),
  column('Hosts', (o) => {
    const hosts = objects(spec(o), 'rules').map((rule) => text(rule, 'host'));
    const named = hosts.filter((host) => host !== '');
    return named.length === 0 ? '*' : firstFew(named, ',');
  }),
  column('Address', (o) => ingressAddresses(o).join(',')),
  column('Ports', (o) => (objects(spec(o), 'tls').length > 0 ? '80, 443' : '80')),
  AGE,
];

const NETWORK_POLICY: readonly ColumnSpec[] = [
  NAME,
  column('Pod-Selector', (o) => formatLabelSelector(part(o, 'spec.podSelector'))),
  AGE,
];

export const NETWORK_COLUMNS: Readonly<Record<string, readonly ColumnSpec[]>> = {
  Service: SERVICE,
  Endpoints: ENDPOINTS,
  EndpointSlice: ENDPOINT_SLICE,
  Ingress: INGRESS,
  NetworkPolicy: NETWORK_POLICY,
};
