import { mkdirSync } from 'node:fs';
import type { Clock, Logger, Random } from '../../base/index.js';
import {
  type Client,
  createController,
  createEventRecorder,
  createInformer,
  type Informer,
  type KubeObject,
  objectKey,
  type ResourceType,
  resourceTypes,
} from '../../kube/index.js';
import { StatusError } from '../apiserver/index.js';
import {
  type ConfigMap,
  type EndpointSlice,
  type Node,
  type Pod,
  type Secret,
  type Service,
  SERVICE_NAME_LABEL,
} from '../objects/index.js';
import type { NodeCapacity } from './container/fieldRef.js';
import type { LocalImage } from './image.js';
import { type LogOptions, readLogs } from './logs/podLogs.js';
import { AddressPool } from './pod/addresses.js';
import { endOrphans, logPath, podFolders, removePodFolder } from './pod/folder.js';
import type { PodParts } from './pod/parts.js';
import { PodWorker } from './pod/podWorker.js';
import type { Prober } from './probe/prober.js';
import { createSystemProber } from './probe/systemProber.js';
import { createLimiter } from './process/cgroups.js';
import type { ProcessSpawner } from './process/spawner.js';
import { createSystemSpawner } from './process/systemSpawner.js';
import { keepRegistered, machineCapacity, overcommitment } from './registration.js';
import { createScheduler } from './schedule/scheduler.js';
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
  const { client, clock, logger } = options;
  const nodeName = options.nodeName ?? 'local';
  const podCidr = options.podCidr ?? DEFAULT_POD_CIDR;
  const capacity = options.capacity ?? machineCapacity();
  const spawner = options.spawner ?? createSystemSpawner(clock);
  const prober = options.prober ?? createSystemProber({ clock, spawner });
  const addresses = new AddressPool(podCidr);
  const workers = new Map<string, PodWorker>();
  const recorder = createEventRecorder({ ...options, component: 'kubelet', instance: nodeName });

  const informer = <T extends KubeObject>(type: ResourceType): Informer<T> =>
    createInformer<T>({ ...options, type });
  const pods = informer<Pod>(resourceTypes.pods);
  const nodes = informer<Node>(resourceTypes.nodes);
  const services = informer<Service>(resourceTypes.services);
  const slices = informer<EndpointSlice>(resourceTypes.endpointSlices);
  const configMaps = informer<ConfigMap>(resourceTypes.configMaps);
  const secrets = informer<Secret>(resourceTypes.secrets);
  const informers = [pods, nodes, services, slices, configMaps, secrets];

  const parts: PodParts = {
    client,
    clock,
    logger,
    spawner,
    prober,
    limiter: createLimiter({ logger }),
    images: options.images,
    home: options.home,
    hostIP: HOST_IP,
    machineEnv: options.machineEnv ?? {},
    sources: (namespace) => ({
      configMap: (name) => configMaps.store.get(`${namespace}/${name}`),
      secret: (name) => secrets.store.get(`${namespace}/${name}`),
      services: () => services.store.list(namespace),
      capacity,
    }),
    findService: (namespace, name) => services.store.get(`${namespace}/${name}`),
    event: (pod, type, reason, message) => recorder.event(pod, type, reason, message),
  };

  const proxy = new ServiceProxy({
    clock,
    logger,
    onRefused: (service, message) => recorder.event(service, 'Warning', 'FailedToListen', message),
  });
  const proxyController = createController({
    ...options,
    name: 'service-proxy',
    workers: 2,
    async reconcile(key) {
      const service = services.store.get(key);
      if (service === undefined) await proxy.remove(key);
      else await proxy.sync(service, slices.store.list(service.metadata.namespace));
    },
  });
  const scheduler = createScheduler({ ...options, pods, nodes });

  const isMine = (pod: Pod) => pod.spec.nodeName === nodeName;
  const admit = (pod: Pod): void => {
    const uid = pod.metadata.uid ?? '';
    const worker = workers.get(uid);
    if (worker !== undefined) {
      const before = downwardFields(worker.current);
      worker.update(pod);
      if (downwardFields(pod) !== before) worker.refreshVolumes();
      return;
    }
    const onGone = () => {
      workers.delete(uid);
      addresses.release(uid);
    };
    const created = new PodWorker(parts, pod, addresses.of(uid), onGone);
    workers.set(uid, created);
    const warning = overcommitment(
      pods.store.list().filter((other) => isMine(other)),
      capacity,
    );
    if (warning !== undefined) recorder.event(pod, 'Warning', 'Overcommitted', warning);
    created.poke();
  };

  /** What an earlier run left: addresses are kept, folders of pods that are gone are removed. */
  const recover = async (): Promise<void> => {
    const mine = pods.store.list().filter(isMine);
    for (const pod of mine) {
      const address = pod.status?.podIP;
      if (address !== undefined && address !== '') addresses.reserve(pod.metadata.uid ?? '', address);
    }
    const known = new Set(mine.map((pod) => pod.metadata.uid));
    const gone = podFolders(options.home).filter((uid) => !known.has(uid));
    await Promise.all(gone.map((uid) => removePodFolder(options.home, uid)));
  };

  const watchPods = (): (() => void) =>
    pods.subscribe(({ kind, object, previous }) => {
      if (!isMine(object)) return;
      const replaced = previous !== undefined && previous.metadata.uid !== object.metadata.uid;
      if (replaced) workers.get(previous.metadata.uid ?? '')?.remove();
      if (kind === 'deleted') workers.get(object.metadata.uid ?? '')?.remove();
      else admit(object);
    });
  const refreshNamespace = ({ object }: { object: KubeObject }): void => {
    for (const worker of workers.values()) {
      if (worker.current.metadata.namespace === object.metadata.namespace) worker.refreshVolumes();
    }
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    mkdirSync(options.home, { recursive: true, mode: 0o700 });
    const orphans = endOrphans(options.home);
    if (orphans > 0) logger.info({ orphans }, 'ended processes an earlier run left behind');
    services.subscribe(({ object }) => proxyController.enqueue(objectKey(object)));
    slices.subscribe(({ object }) => {
      const name = object.metadata.labels?.[SERVICE_NAME_LABEL];
      if (name === undefined) return;
      proxyController.enqueue(objectKey({ metadata: { namespace: object.metadata.namespace, name } }));
    });
    const registration = { client, clock, logger, nodeName, hostIP: HOST_IP, podCidr, capacity };
    const running = [
      ...informers.map((each) => each.run(signal)),
      keepRegistered(registration, signal),
      scheduler.run(signal),
      proxyController.run(signal),
    ];
    await Promise.all(informers.map((each) => each.synced(signal)));
    if (!signal.aborted) await recover();
    const unsubscribe = [
      watchPods(),
      configMaps.subscribe(refreshNamespace),
      secrets.subscribe(refreshNamespace),
    ];
    await Promise.all(running);
    for (const end of unsubscribe) end();
    const graceMs = options.shutdownGraceMs ?? SHUTDOWN_GRACE_MS;
    await Promise.all([...workers.values()].map((worker) => worker.close(graceMs)));
    await proxy.close();
    recorder.close();
  };

  return {
    run,
    async podLogs(namespace, name, logOptions) {
      const pod = pods.store.get(`${namespace}/${name}`);
      const source = logSource(pod, workers.get(pod?.metadata.uid ?? ''), logOptions, name);
      return readLogs({ ...source, now: clock.now() }, logOptions);
    },
  };
}

/** What of a pod its own volumes may show and may change while it runs. */
function downwardFields({ metadata: { labels, annotations } }: Pod): string {
  return JSON.stringify([labels, annotations]);
}

function logSource(pod: Pod | undefined, worker: PodWorker | undefined, options: LogOptions, name: string) {
  const container = options.container ?? pod?.spec.containers[0]?.name ?? '';
  const record = worker?.records.find((candidate) => candidate.name === container);
  if (worker === undefined || record === undefined) {
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
  }
  if (options.previous === true && record.restartCount === 0) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (record.state === 'waiting' && record.exits.length === 0) {
    const reason = record.waiting?.reason ?? 'ContainerCreating';
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
  }
  const restart = options.previous === true ? record.restartCount - 1 : record.restartCount;
  const live = options.previous === true ? undefined : worker.logOf(container);
  return { path: logPath(worker.folder, container, restart), live };
}

function badRequest(message: string): StatusError {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...base, message, reason: 'BadRequest', code: 400 });
}
