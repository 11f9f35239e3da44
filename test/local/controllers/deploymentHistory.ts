import type { Deployment, ReplicaSet } from '../../../src/local/objects/index.js';
import { planDeployment } from '../../../src/local/controllers/deployment/plan.js';
import type { EventDraft, Write } from '../../../src/local/controllers/write.js';
import { NOW } from './builders.js';

/** A Deployment and its ReplicaSets as an API server and a replica set controller would keep them. */
export class DeploymentHistory {
  sets: ReplicaSet[] = [];
  readonly events: EventDraft[] = [];
  now = NOW;
  private created = 0;

  constructor(public deployment: Deployment) {}

  /** One decision, carried out; the number of its writes. */
  step(): number {
    const plan = planDeployment(
      { deployment: this.deployment, sets: this.sets, podsBySet: new Map() },
      this.now,
    );
    for (const write of plan.writes) this.carryOut(write);
    this.events.push(...plan.events);
    for (const set of this.sets) this.observe(set, set.status?.availableReplicas ?? 0);
    return plan.writes.length;
  }

  /** Steps until nothing is left to decide; fails when that never happens. */
  settle(): void {
    for (let count = 0; count < 100; count += 1) if (this.step() === 0) return;
    throw new Error('the deployment never settles');
  }

  /** Every pod becomes available and everything settles. */
  complete(): void {
    for (let count = 0; count < 100; count += 1) {
      this.settle();
      const waiting = this.sets.filter((set) => this.available(set) < (set.spec.replicas ?? 0));
      if (waiting.length === 0) return;
      for (const set of waiting) this.observe(set, set.spec.replicas ?? 0);
    }
    throw new Error('the deployment never completes');
  }

  edit(change: (deployment: Deployment) => void): void {
    const copy = structuredClone(this.deployment);
    change(copy);
    copy.metadata.generation = (copy.metadata.generation ?? 0) + 1;
    this.deployment = copy;
  }

  /** Tells how many pods of the set are available (and ready). */
  observe(set: ReplicaSet, available: number): void {
    const replicas = set.spec.replicas ?? 0;
    const count = Math.min(available, replicas);
    set.status = {
      ...set.status,
      replicas,
      readyReplicas: count,
      availableReplicas: count,
      observedGeneration: set.metadata.generation,
    };
  }

  available(set: ReplicaSet): number {
    return set.status?.availableReplicas ?? 0;
  }

  total(count: (set: ReplicaSet) => number): number {
    return this.sets.reduce((sum, set) => sum + count(set), 0);
  }

  /** `image suffix: replicas` of the sets that have any, oldest first. */
  sizes(): string[] {
    return this.sets
      .filter((set) => (set.spec.replicas ?? 0) > 0)
      .map((set) => `${set.spec.template.spec.containers[0]?.image ?? ''}: ${set.spec.replicas ?? 0}`);
  }

  condition(type: string) {
    return this.deployment.status?.conditions?.find((each) => each.type === type);
  }

  private carryOut(write: Write): void {
    if (write.verb === 'create') {
      this.created += 1;
      const set = structuredClone(write.object) as unknown as ReplicaSet;
      const creationTimestamp = new Date(NOW + this.created * 1000).toISOString();
      const uid = `rs-${this.created}`;
      set.metadata = { ...set.metadata, uid, generation: 1, creationTimestamp };
      this.sets.push(set);
    } else if (write.verb === 'update') {
      const set = structuredClone(write.object) as unknown as ReplicaSet;
      this.sets = this.sets.map((each) => (each.metadata.uid === set.metadata.uid ? set : each));
    } else if (write.verb === 'delete') {
      this.sets = this.sets.filter(({ metadata }) => metadata.uid !== write.uid);
    } else {
      this.deployment = merge(this.deployment, write.body) as Deployment;
    }
  }
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(target as Record<string, unknown> | undefined) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
