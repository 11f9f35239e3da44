import { type Clock, type Logger, messageOf } from '../../../base/index.js';
import { objectKey } from '../../../kube/index.js';
import type { EndpointSlice, Service, ServicePort } from '../../objects/index.js';
import { backendsOf } from './backends.js';
import type { Affinity } from './balancer.js';
import { PortProxy } from './portProxy.js';

const DEFAULT_AFFINITY_SECONDS = 10_800;

export interface ServiceProxyOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told at each attempt to listen that fails. */
  onRefused(service: Service, message: string): void;
}

/** Leads connections to Services' ClusterIPs, which are loopback addresses of this machine, to their pods. */
export class ServiceProxy {
  private readonly listeners = new Map<string, Map<string, PortProxy>>();

  constructor(private readonly options: ServiceProxyOptions) {}

  /** Brings the listeners of one Service in line with it and its EndpointSlices. False when one could not be opened. */
  async sync(service: Service, slices: readonly EndpointSlice[]): Promise<boolean> {
    const key = objectKey(service);
    const listeners = this.listeners.get(key) ?? new Map<string, PortProxy>();
    this.listeners.set(key, listeners);
    const wanted = new Map(proxiedPorts(service).map((port) => [addressOf(service, port), port]));
    for (const [address, proxy] of listeners) {
      if (wanted.has(address)) continue;
      listeners.delete(address);
      await proxy.close();
    }
    for (const [address, port] of wanted) {
      const proxy = listeners.get(address) ?? (await this.open(service, port));
      if (proxy === undefined) continue;
      listeners.set(address, proxy);
      proxy.update(backendsOf(service, port, slices), affinityOf(service));
    }
    return listeners.size === wanted.size;
  }

  /** Closes the listeners of a Service that is gone. */
  async remove(key: string): Promise<void> {
    const listeners = this.listeners.get(key);
    this.listeners.delete(key);
    for (const proxy of listeners?.values() ?? []) await proxy.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.listeners.keys()].map((key) => this.remove(key)));
  }

  private async open(service: Service, port: ServicePort): Promise<PortProxy | undefined> {
    const proxy = new PortProxy(this.options.clock);
    try {
      await proxy.listen(service.spec.clusterIP ?? '', port.port);
      return proxy;
    } catch (error) {
      const message = `cannot listen on ${addressOf(service, port)}: ${messageOf(error)}`;
      this.options.logger.warn({ service: objectKey(service) }, message);
      this.options.onRefused(service, message);
      return undefined;
    }
  }
}

/** TCP ports of Services with an IPv4 ClusterIP; headless Services and other protocols have no listener. */
function proxiedPorts(service: Service): ServicePort[] {
  const { clusterIP = '', ports = [], type } = service.spec;
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(clusterIP) || type === 'ExternalName') return [];
  return ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP');
}

function addressOf(service: Service, port: ServicePort): string {
  return `${service.spec.clusterIP ?? ''}:${port.port}`;
}

function affinityOf(service: Service): Affinity | undefined {
  if (service.spec.sessionAffinity !== 'ClientIP') return undefined;
  const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return { timeoutMs: seconds * 1000 };
}
