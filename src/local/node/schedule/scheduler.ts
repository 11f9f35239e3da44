import type { Clock, Logger, Random } from '../../../base/index.js';
import {
  type Client,
  createController,
  createEventRecorder,
  type Informer,
  isNotFound,
  objectKey,
  resourcePath,
  resourceTypes,
} from '../../../kube/index.js';
import {
  type Condition,
  isPodTerminal,
  type Node,
  type Pod,
  podCondition,
  timestamp,
} from '../../objects/index.js';
import { requestJson } from '../../requests/index.js';
import { misfit } from './fit.js';

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
}

const NAME = 'default-scheduler';

/** Gives every pod without a node the first one that fits. Resources never exclude a node: see `overcommitment`. */
export function createScheduler(options: SchedulerOptions): { run(signal: AbortSignal): Promise<void> } {
  const { client, clock, pods, nodes } = options;
  const recorder = createEventRecorder({ ...options, component: NAME, instance: NAME });

  const controller = createController({
    ...options,
    name: 'scheduler',
    workers: 1,
    async reconcile(key) {
      const pod = pods.store.get(key);
      if (pod === undefined || !isWaiting(pod)) return;
      const placed = pods.store.list().filter((other) => isPlaced(other));
      const all = nodes.store.list();
      const reasons = new Map<string, number>();
      for (const node of all) {
        const reason = misfit(pod, node, placed);
        if (reason === undefined) {
          await bind(client, pod, node);
          const { namespace = '', name } = pod.metadata;
          const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`;
          recorder.event(pod, 'Normal', 'Scheduled', message);
          return;
        }
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      await refuse(pod, failureMessage(all.length, reasons));
    },
  });

  const refuse = async (pod: Pod, message: string): Promise<void> => {
    const conditions = unschedulable(pod, message, clock.now());
    if (conditions === undefined) return;
    recorder.event(pod, 'Warning', 'FailedScheduling', message);
    const { namespace, name } = pod.metadata;
    const options = { type: 'merge', subresource: 'status' } as const;
    await client.patch(resourceTypes.pods, { namespace, name }, { status: { conditions } }, options);
  };

  const retryAll = (): void => {
    for (const pod of pods.store.list()) if (isWaiting(pod)) controller.enqueue(objectKey(pod));
  };
  pods.subscribe(({ object, kind }) => {
    if (isWaiting(object)) controller.enqueue(objectKey(object));
    if (kind === 'deleted') retryAll();
  });
  nodes.subscribe(retryAll);
  return controller;
}

async function bind(client: Client, pod: Pod, node: Node): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: node.metadata.name },
  };
  const path = resourcePath(resourceTypes.pods, { namespace, name, subresource: 'binding' });
  try {
    await requestJson(client, 'POST', path, binding);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The pod's conditions when no node fits; undefined when they say so already. */
function unschedulable(pod: Pod, message: string, now: number): Condition[] | undefined {
  const known = podCondition(pod, 'PodScheduled');
  if (known?.status === 'False' && known.message === message) return undefined;
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const lastTransitionTime = timestamp(now);
  const text = { reason: 'Unschedulable', message, lastProbeTime: null, lastTransitionTime };
  return [...others, { type: 'PodScheduled', status: 'False', ...text }];
}

function isWaiting(pod: Pod): boolean {
  const { nodeName = '', schedulerName = NAME, schedulingGates = [] } = pod.spec;
  const alive = pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod);
  return alive && nodeName === '' && schedulerName === NAME && schedulingGates.length === 0;
}

function isPlaced(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '' && !isPodTerminal(pod);
}

function failureMessage(count: number, reasons: ReadonlyMap<string, number>): string {
  if (count === 0) return 'no nodes available to schedule pods';
  const parts = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
  return `0/${count} nodes are available: ${parts.join(', ')}.`;
}
