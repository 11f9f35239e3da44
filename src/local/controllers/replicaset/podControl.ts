import { messageOf } from '../../../base/index.js';
import {
  type Informer,
  isNamespaceTerminating,
  isNotFound,
  objectKey,
  resourceTypes,
} from '../../../kube/index.js';
import { controllerReference, type Pod, type ReplicaSet } from '../../objects/index.js';
import { type ControllerContext, eventSink } from '../context.js';
import { Expectations } from '../expectations.js';
import type { EventDraft } from '../write.js';
import type { ReplicaFailure, ReplicaSetPlan } from './plan.js';
import { slowStart } from './slowStart.js';

/** Makes and deletes a ReplicaSet's pods, and remembers what of that the informer has not shown yet. */
export class PodControl {
  readonly expectations: Expectations;
  private readonly tell: (set: ReplicaSet, events: readonly EventDraft[]) => void;

  constructor(
    private readonly context: ControllerContext,
    private readonly pods: Informer<Pod>,
  ) {
    this.expectations = new Expectations(context.clock);
    this.tell = eventSink(context, 'replicaset-controller');
  }

  /** Carries a plan out; the first error, and how the status tells it. */
  async carryOut(
    key: string,
    set: ReplicaSet,
    plan: ReplicaSetPlan,
  ): Promise<{ failure?: ReplicaFailure; error?: Error }> {
    const created = await slowStart(plan.create, () => this.create(key, set));
    const results = await Promise.allSettled(plan.remove.map((pod) => this.remove(key, set, pod)));
    const rejected = results.find((result) => result.status === 'rejected');
    const error: unknown = created.error ?? rejected?.reason;
    if (error === undefined) return {};
    const reason = created.error === undefined ? 'FailedDelete' : 'FailedCreate';
    const message = messageOf(error);
    return { failure: { reason, message }, error: error instanceof Error ? error : new Error(message) };
  }

  private async create(key: string, set: ReplicaSet): Promise<void> {
    try {
      const pod = await this.context.client.create<Pod>(resourceTypes.pods, draftPod(set));
      const isSeen = this.pods.store.get(objectKey(pod)) !== undefined;
      if (!isSeen) this.expectations.expect(key, createdToken(pod));
      this.normal(set, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const message = `Error creating: ${messageOf(error)}`;
      this.tell(set, [{ type: 'Warning', reason: 'FailedCreate', message }]);
      throw error;
    }
  }

  private async remove(key: string, set: ReplicaSet, pod: Pod): Promise<void> {
    const { namespace, name, uid = '' } = pod.metadata;
    this.expectations.expect(key, deletedToken(pod));
    try {
      await this.context.client.delete(resourceTypes.pods, { namespace, name }, { preconditions: { uid } });
      this.normal(set, 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      this.expectations.observe(key, deletedToken(pod));
      if (!isNotFound(error)) throw error;
    }
  }

  private normal(set: ReplicaSet, reason: string, message: string): void {
    this.tell(set, [{ type: 'Normal', reason, message }]);
  }
}

export function createdToken({ metadata }: Pod): string {
  return `created/${metadata.uid ?? ''}`;
}

export function deletedToken({ metadata }: Pod): string {
  return `deleted/${metadata.uid ?? ''}`;
}

function draftPod(set: ReplicaSet): Pod {
  const { metadata = {}, spec } = structuredClone(set.spec.template);
  const generated: Partial<Pod['metadata']> = {
    generateName: `${set.metadata.name}-`,
    namespace: set.metadata.namespace,
    labels: metadata.labels,
    annotations: metadata.annotations,
    finalizers: metadata.finalizers,
    ownerReferences: [controllerReference(set)],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: generated as Pod['metadata'], spec };
}
