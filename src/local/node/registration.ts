import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { type Clock, messageOf, parseQuantity, sleep, type Logger } from '../../base/index.js';
import { type Client, isAlreadyExists, resourceTypes } from '../../kube/index.js';
import { type Condition, type Node, type Pod, timestamp } from '../objects/index.js';
import type { NodeCapacity } from './container/fieldRef.js';

/** As kubelet's nodeStatusReportFrequency. */
const HEARTBEAT_MS = 5 * 60_000;
const RETRY_MS = 1000;
const MAX_PODS = 110;

export interface RegistrationOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly hostIP: string;
  readonly podCidr: string;
  readonly capacity: NodeCapacity;
}

export function machineCapacity(): NodeCapacity {
  return { cpu: availableParallelism(), memory: totalmem() };
}

/** The Node object of this machine. */
export function nodeObject(options: RegistrationOptions): Node {
  const { nodeName, hostIP, capacity } = options;
  const resources = {
    cpu: String(capacity.cpu),
    memory: `${Math.floor(capacity.memory / 1024)}Ki`,
    pods: String(MAX_PODS),
  };
  const architecture = arch() === 'x64' ? 'amd64' : arch();
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
      },
    },
    spec: { podCIDR: options.podCidr },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: nodeConditions(options.clock.now()),
      addresses: [
        { type: 'InternalIP', address: hostIP },
        { type: 'Hostname', address: hostname() },
      ],
      nodeInfo: {
        architecture,
        operatingSystem: 'linux',
        kernelVersion: release(),
        osImage: 'processes of this machine',
        containerRuntimeVersion: 'process://1',
        kubeletVersion: 'v1.35.0',
        kubeProxyVersion: '',
        machineID: '',
        systemUUID: '',
        bootID: '',
      },
    },
  };
}

/** Creates or refreshes the Node, then tells every five minutes that it is alive. */
export async function keepRegistered(options: RegistrationOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, logger } = options;
  while (!signal.aborted) {
    try {
      await register(client, nodeObject(options));
      await sleep(clock, HEARTBEAT_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ error: messageOf(error) }, 'node not registered yet');
      await sleep(clock, RETRY_MS, signal);
    }
  }
}

async function register(client: Client, node: Node): Promise<void> {
  try {
    await client.create(resourceTypes.nodes, node);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const { status } = node;
  const options = { type: 'merge', subresource: 'status' } as const;
  await client.patch(resourceTypes.nodes, { name: node.metadata.name }, { status }, options);
}

function nodeConditions(now: number): Condition[] {
  const time = timestamp(now);
  const condition = (type: string, status: Condition['status'], reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  });
  return [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'the machine has memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'the machine has disk space available'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'the machine has process ids available'),
    condition('Ready', 'True', 'KubeletReady', 'the node agent is ready'),
  ];
}

/**
 * What to warn of when the pods of this node request more than the machine has: it runs them all the same, since a
 * laptop is smaller than what production pods request. Undefined while everything fits.
 */
export function overcommitment(pods: readonly Pod[], capacity: NodeCapacity): string | undefined {
  const cpu = requested(pods, 'cpu');
  const memory = requested(pods, 'memory');
  if (cpu <= capacity.cpu && memory <= capacity.memory) return undefined;
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)}Gi`;
  return (
    `the pods of this node request ${cpu} CPU and ${gibibytes(memory)} of memory, more than the ` +
    `${capacity.cpu} CPU and ${gibibytes(capacity.memory)} it has; admitted all the same, they share what there is`
  );
}

function requested(pods: readonly Pod[], resource: string): number {
  const containers = pods.flatMap((pod) => pod.spec.containers);
  return containers.reduce((sum, { resources }) => {
    const text = resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? '0';
    return sum + (parseQuantity(text) ?? 0);
  }, 0);
}
