import { createHash } from 'node:crypto';
import {
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  isPodReady,
  isPodTerminal,
  type Pod,
  type Service,
} from '../../objects/index.js';
import { targetPort } from './port.js';

/** Kubernetes' bound on the addresses of an Endpoints object. */
const MAX_ADDRESSES = 1000;

/**
 * The subsets of a Service's Endpoints (core/v1), packed as Kubernetes' endpoints controller packs them: addresses with
 * the same ports share a subset, ready and not ready apart. Pods without an address, ended or ending are left out.
 */
export function endpointSubsets(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const groups = new Map<
    string,
    { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }
  >();
  const unready = service.spec.publishNotReadyAddresses === true;
  for (const pod of selectedPods(service, pods).slice(0, MAX_ADDRESSES)) {
    const address = endpointAddress(service, pod);
    if (address === undefined) continue;
    const ports = endpointPorts(service, pod);
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    (unready || isPodReady(pod) ? group.ready : group.notReady).push(address);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ ports, ready, notReady }) => ({
    ...(ready.length > 0 ? { addresses: ready.sort(byIp) } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady.sort(byIp) } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }));
}

/** The pods an Endpoints object may list. */
export function selectedPods(service: Service, pods: readonly Pod[]): Pod[] {
  const hidesTerminating = service.spec.publishNotReadyAddresses !== true;
  return pods.filter(
    (pod) => !isPodTerminal(pod) && !(hidesTerminating && pod.metadata.deletionTimestamp !== undefined),
  );
}

function byIp(a: EndpointAddress, b: EndpointAddress): number {
  const uid = (address: EndpointAddress) => address.targetRef?.uid ?? '';
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  return uid(a) < uid(b) ? -1 : 1;
}

function endpointAddress(service: Service, pod: Pod): EndpointAddress | undefined {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '') return undefined;
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  return {
    ip,
    ...hostnameIn(service, pod),
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid, resourceVersion },
  };
}

/** A pod with a hostname has a name of its own under the headless Service its subdomain names. */
export function hostnameIn(service: Service, pod: Pod): { hostname?: string } {
  const { hostname, subdomain } = pod.spec;
  const named = hostname !== undefined && hostname !== '' && subdomain === service.metadata.name;
  return named ? { hostname } : {};
}

function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      ...(port.name === undefined || port.name === '' ? {} : { name: port.name }),
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports.sort((a, b) => (portHash(a) < portHash(b) ? -1 : 1));
}

/** Kubernetes orders ports by the MD5 of Go's dump of the struct; clients see that order, so it is kept. */
function portHash(port: EndpointPort): string {
  const protocol = port.appProtocol === undefined ? '<nil>' : port.appProtocol;
  const dump =
    `(v1.EndpointPort){Name:(string)${port.name ?? ''} Port:(int32)${port.port} ` +
    `Protocol:(v1.Protocol)${port.protocol ?? 'TCP'} AppProtocol:(*string)${protocol}}`;
  return createHash('md5').update(dump).digest('hex');
}
