import {
  isPodReady,
  isPodTerminal,
  type Pod,
  type Service,
  type SliceEndpoint,
  type SlicePort,
} from '../../objects/index.js';
import { hostnameIn } from './endpoints.js';
import { targetPort } from './port.js';

/** Kubernetes' default for endpoints in one slice. */
const MAX_ENDPOINTS = 100;

export interface SliceContent {
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

/**
 * The contents of a Service's EndpointSlices: pods with the same port numbers share a slice, at most 100 in each. A
 * terminating pod stays, not ready but serving while it is, so that proxies can drain it. There is always one slice.
 */
export function sliceContents(service: Service, pods: readonly Pod[]): SliceContent[] {
  const groups = new Map<string, { ports: SlicePort[]; endpoints: SliceEndpoint[] }>();
  for (const pod of pods) {
    const endpoint = sliceEndpoint(service, pod);
    if (endpoint === undefined) continue;
    const ports = slicePorts(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpoint);
    groups.set(key, group);
  }
  const contents: SliceContent[] = [];
  for (const { ports, endpoints } of groups.values()) {
    endpoints.sort((a, b) => ((a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1));
    for (let start = 0; start < endpoints.length; start += MAX_ENDPOINTS) {
      contents.push({ ports, endpoints: endpoints.slice(start, start + MAX_ENDPOINTS) });
    }
  }
  return contents.length > 0 ? contents : [{ ports: [], endpoints: [] }];
}

function sliceEndpoint(service: Service, pod: Pod): SliceEndpoint | undefined {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '' || isPodTerminal(pod)) return undefined;
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = service.spec.publishNotReadyAddresses === true || isPodReady(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...hostnameIn(service, pod),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function slicePorts(service: Service, pod: Pod): SlicePort[] {
  const ports: SlicePort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    const extra = port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol };
    ports.push({ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: number, ...extra });
  }
  return ports;
}
