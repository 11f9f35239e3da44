import {
  type EndpointSlice,
  type Service,
  SERVICE_NAME_LABEL,
  type ServicePort,
} from '../../objects/index.js';

/** Where a connection may be led: address and port of one ready endpoint. */
export interface Backend {
  readonly host: string;
  readonly port: number;
}

/**
 * The ready endpoints behind a Service's port, from its EndpointSlices. When none is ready, those that still serve while
 * they terminate take the connections, as kube-proxy has it.
 */
export function backendsOf(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): Backend[] {
  const ready: Backend[] = [];
  const serving: Backend[] = [];
  for (const slice of slices) {
    if (slice.metadata.labels?.[SERVICE_NAME_LABEL] !== service.metadata.name) continue;
    const number = (slice.ports ?? []).find(
      (candidate) => (candidate.name ?? '') === (port.name ?? ''),
    )?.port;
    if (number === undefined) continue;
    for (const { addresses, conditions = {} } of slice.endpoints ?? []) {
      const backends = addresses.map((host) => ({ host, port: number }));
      if (conditions.ready !== false) ready.push(...backends);
      else if (conditions.serving === true && conditions.terminating === true) serving.push(...backends);
    }
  }
  return ready.length > 0 ? ready : serving;
}
