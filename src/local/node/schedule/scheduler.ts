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
import { isPodTerminal, type Node, type Pod, podCondition, timestamp } from '../../objects/index.js';
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
          await bind(pod, node);
          return;
        }
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      await refuse(pod, failureMessage(all.length, reasons));
    },
  });

  const bind = async (pod: Pod, node: Node): Promise<void> => {
    const { namespace, name, uid } = pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node.metadata.name },
    };
    try {
      const path = resourcePath(resourceTypes.pods, { namespace, name, subresource: 'binding' });
      await requestJson(client, 'POST', path, binding);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const message = `Successfully assigned ${namespace ?? ''}/${name} to ${node.metadata.name}`;
    recorder.event(pod, 'Normal', 'Scheduled', message);
  };

  const refuse = async (pod: Pod, message: string): Promise<void> => {
    const known = podCondition(pod, 'PodScheduled');
    if (known?.status === 'False' && known.message === message) return;
    recorder.event(pod, 'Warning', 'FailedScheduling', message);
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    const lastTransitionTime = timestamp(clock.now());
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      lastTransitionTime,
    };
    const { namespace, name } = pod.metadata;
    const body = { status: { conditions: [...others, condition] } };
    await client.patch(resourceTypes.pods, { namespace, name }, body, {
      type: 'merge',
      subresource: 'status',
    });
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
