import { type Pod, podCondition, type Service } from '../../objects/index.js';

/** Tells when a change of the endpoints began, so that others can measure how long it took to reach them. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  readonly service: string;
  readonly pods: ReadonlyMap<string, string>;
}

/** Remembers what was last seen of a Service and its pods (Kubernetes' TriggerTimeTracker). */
export class TriggerTimes {
  private readonly seen = new Map<string, Seen>();

  /** The oldest of the changes since the last call for this Service; undefined when none of them tells its time. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const created = service.metadata.creationTimestamp ?? '';
    const times = new Map<string, string>();
    for (const pod of pods) {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime;
      if (time !== undefined) times.set(pod.metadata.name, time);
    }
    const before = this.seen.get(key);
    this.seen.set(key, { service: created, pods: times });
    if (before === undefined) return created === '' ? undefined : created;
    const changes = [...times].filter(([name, time]) => time > (before.pods.get(name) ?? ''));
    const changed = changes.map(([, time]) => time);
    if (created > before.service) changed.push(created);
    return changed.sort()[0];
  }

  forget(key: string): void {
    this.seen.delete(key);
  }
}
