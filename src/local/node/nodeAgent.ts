import { mkdirSync } from 'node:fs';
import type { Clock, Logger, Random } from '../../base/index.js';
import { type Client, createEventRecorder, type EventRecorder } from '../../kube/index.js';
import type { Sources } from './container/environment.js';
import type { NodeCapacity } from './container/fieldRef.js';
import type { LocalImage } from './image.js';
import type { LogOptions } from './logs/podLogs.js';
import { allInformers, createNodeInformers, type NodeInformers } from './nodeInformers.js';
import { endOrphans } from './pod/folder.js';
import type { PodParts } from './pod/parts.js';
import { PodManager } from './podManager.js';
import type { Prober } from './probe/prober.js';
import { createSystemProber } from './probe/systemProber.js';
import { createLimiter } from './process/cgroups.js';
import type { ProcessSpawner } from './process/spawner.js';
import { createSystemSpawner } from './process/systemSpawner.js';
import { keepRegistered, machineCapacity } from './registration.js';
import { createScheduler } from './schedule/scheduler.js';
import { createServiceController } from './service/serviceController.js';
import { ServiceProxy } from './service/serviceProxy.js';

export interface NodeAgentOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Folder of this node's state; made, for its owner alone, when it is not there. */
  readonly home: string;
  readonly images: readonly LocalImage[];
  /** `local` when not given. */
  readonly nodeName?: string;
  /** Range of the pods' own loopback addresses; two clusters of one machine need two. `127.64.0.0/12` when not given. */
  readonly podCidr?: string;
  /** What every process gets, such as PATH. */
  readonly machineEnv?: Readonly<Record<string, string>>;
  /** How long pods may take to end when the node ends, in milliseconds; 10 s when not given. */
  readonly shutdownGraceMs?: number;
  readonly capacity?: NodeCapacity;
  readonly spawner?: ProcessSpawner;
  readonly prober?: Prober;
}

export interface NodeAgent {
  /** Runs the node until the signal aborts, then ends every process it started; resolves when none is left. */
  run(signal: AbortSignal): Promise<void>;
  /** What `kubectl logs` shows. Rejects with the API server's refusal when there is no such log. */
  podLogs(namespace: string, pod: string, options: LogOptions): Promise<AsyncIterable<Uint8Array>>;
}

const HOST_IP = '127.0.0.1';
const DEFAULT_POD_CIDR = '127.64.0.0/12';
const SHUTDOWN_GRACE_MS = 10_000;

/** A node of a cluster whose containers are processes of this machine. */
export function createNodeAgent(options: NodeAgentOptions): NodeAgent {
  const { client, clock, logger, home } = options;
  const nodeName = options.nodeName ?? 'local';
  const podCidr = options.podCidr ?? DEFAULT_POD_CIDR;
  const capacity = options.capacity ?? machineCapacity();
  const informers = createNodeInformers(options);
  const recorder = createEventRecorder({ ...options, component: 'kubelet', instance: nodeName });
  const parts = createParts(options, { informers, capacity, recorder });
  const pods = new PodManager({ nodeName, podCidr, capacity, informers, parts });
  const proxy = new ServiceProxy({
    clock,
    logger,
    onRefused: (service, message) => recorder.event(service, 'Warning', 'FailedToListen', message),
  });
  const services = createServiceController({ ...options, informers, proxy });
  const scheduler = createScheduler({ ...options, pods: informers.pods, nodes: informers.nodes });
  const registration = { client, clock, logger, nodeName, hostIP: HOST_IP, podCidr, capacity };

  return {
    async run(signal) {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      const orphans = endOrphans(home);
      if (orphans > 0) logger.info({ orphans }, 'ended processes an earlier run left behind');
      const all = allInformers(informers);
      const running = [
        ...all.map((informer) => informer.run(signal)),
        keepRegistered(registration, signal),
        scheduler.run(signal),
        services.run(signal),
      ];
      await Promise.all(all.map((informer) => informer.synced(signal)));
      if (!signal.aborted) await pods.recover();
      const unwatch = signal.aborted ? () => undefined : pods.watch();
      await Promise.all(running);
      unwatch();
      await pods.close(options.shutdownGraceMs ?? SHUTDOWN_GRACE_MS);
      await proxy.close();
      recorder.close();
    },
    podLogs: async (namespace, name, logOptions) => pods.logs(namespace, name, logOptions),
  };
}

function createParts(
  options: NodeAgentOptions,
  has: { informers: NodeInformers; capacity: NodeCapacity; recorder: EventRecorder },
): PodParts {
  const { client, clock, logger } = options;
  const { configMaps, secrets, services } = has.informers;
  const spawner = options.spawner ?? createSystemSpawner(clock);
  const sources = (namespace: string): Sources => ({
    configMap: (name) => configMaps.store.get(`${namespace}/${name}`),
    secret: (name) => secrets.store.get(`${namespace}/${name}`),
    services: () => services.store.list(namespace),
    capacity: has.capacity,
  });
  return {
    client,
    clock,
    logger,
    spawner,
    prober: options.prober ?? createSystemProber({ clock, spawner }),
    limiter: createLimiter({ logger }),
    images: options.images,
    home: options.home,
    hostIP: HOST_IP,
    machineEnv: options.machineEnv ?? {},
    sources,
    findService: (namespace, name) => services.store.get(`${namespace}/${name}`),
    event: (pod, type, reason, message) => has.recorder.event(pod, type, reason, message),
  };
}
