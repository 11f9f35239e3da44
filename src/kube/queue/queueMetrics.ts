import type { Clock, MetricsRegistry } from '../../base/index.js';
import { counter, gauge, histogram } from '../metrics.js';

const SECONDS = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];

export interface QueueMetrics {
  added(key: string): void;
  started(key: string): void;
  done(key: string): void;
  retried(): void;
  depth(length: number): void;
}

/** The work queue metrics of controller-runtime, with the queue's name in `name` and `controller`. */
export function queueMetrics(
  registry: MetricsRegistry | undefined,
  name: string,
  clock: Clock,
): QueueMetrics {
  const labelNames = ['name', 'controller'];
  const labels = { name, controller: name };
  const depth = gauge(registry, {
    name: 'workqueue_depth',
    help: 'Keys that wait in the queue.',
    labelNames,
  });
  const adds = counter(registry, {
    name: 'workqueue_adds_total',
    help: 'Keys put into the queue.',
    labelNames,
  });
  const retries = counter(registry, { name: 'workqueue_retries_total', help: 'Keys put back.', labelNames });
  const waits = histogram(registry, {
    name: 'workqueue_queue_duration_seconds',
    help: 'How long keys wait in the queue, in seconds.',
    labelNames,
    buckets: SECONDS,
  });
  const works = histogram(registry, {
    name: 'workqueue_work_duration_seconds',
    help: 'How long the processing of a key takes, in seconds.',
    labelNames,
    buckets: SECONDS,
  });
  const addedAt = new Map<string, number>();
  const startedAt = new Map<string, number>();
  const secondsSince = (times: Map<string, number>, key: string) => {
    const seconds = (clock.monotonic() - (times.get(key) ?? clock.monotonic())) / 1000;
    times.delete(key);
    return seconds;
  };
  return {
    added(key) {
      adds?.inc(labels);
      if (!addedAt.has(key)) addedAt.set(key, clock.monotonic());
    },
    started(key) {
      startedAt.set(key, clock.monotonic());
      waits?.observe(labels, secondsSince(addedAt, key));
    },
    done: (key) => works?.observe(labels, secondsSince(startedAt, key)),
    retried: () => retries?.inc(labels),
    depth: (length) => depth?.set(labels, length),
  };
}
