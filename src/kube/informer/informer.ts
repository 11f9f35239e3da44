import {
  type Clock,
  type Logger,
  messageOf,
  type MetricsRegistry,
  type Random,
  sleep,
} from '../../base/index.js';
import { ApiError } from '../apiError.js';
import { linkAbort } from '../client/abort.js';
import type { Client, Selection } from '../client/contract.js';
import { counter, gauge } from '../metrics.js';
import type { KubeObject, ResourceType, WatchEvent } from '../object.js';
import { type Change, createCache } from './cache.js';
import { reflect } from './reflector.js';
import type { IndexFunction, Store } from './store.js';

export interface InformerOptions<T extends KubeObject> extends Selection {
  readonly client: Client;
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry;
  /** Tells of every object again as an update, about this often, in milliseconds; never when not given. */
  readonly resyncMs?: number;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
}

export type ChangeHandler<T extends KubeObject> = (change: Change<T>) => void;

/** A live copy of a kind's objects (of those selected), without their managedFields. */
export interface Informer<T extends KubeObject> {
  readonly type: ResourceType;
  readonly store: Store<T>;
  /** Whether the store has been equal to the server's state once. */
  hasSynced(): boolean;
  /** Resolves when it has, or when the signal aborts. */
  synced(signal?: AbortSignal): Promise<void>;
  /**
   * Calls the handler for every change, after the store has it; first for each object that is there already. What the
   * handler throws is logged. Returns how to unsubscribe.
   */
  subscribe(handler: ChangeHandler<T>): () => void;
  /** Keeps the store current until the signal aborts; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
}

export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const { type, clock, logger } = options;
  const cache = createCache<T>(options.indexes);
  const handlers = new Set<ChangeHandler<T>>();
  const metrics = informerMetrics(options.metrics, type.plural);
  const waiting = new Set<() => void>();
  let hasSynced = false;
  let started = false;

  const call = (handler: ChangeHandler<T>, change: Change<T>) => {
    try {
      handler(change);
    } catch (error) {
      logger.error({ resource: type.plural, err: error }, `a change handler failed: ${messageOf(error)}`);
    }
  };
  const deliver = (changes: readonly Change<T>[]) => {
    // The handlers of now: one that joins meanwhile is told of the store's contents, which include these changes.
    const current = [...handlers];
    for (const change of changes) {
      for (const handler of current) if (handlers.has(handler)) call(handler, change);
    }
    metrics.objects(cache.store.size);
  };
  const presentAs = (kind: 'added' | 'updated'): Change<T>[] =>
    cache.store
      .list()
      .map((object) => (kind === 'added' ? { kind, object } : { kind, object, previous: object }));

  const resync = async (everyMs: number, signal: AbortSignal) => {
    while (!signal.aborted) {
      await sleep(clock, everyMs * (0.9 + 0.2 * options.random.next()), signal);
      if (!signal.aborted) deliver(presentAs('updated'));
    }
  };
  const onList = (items: readonly T[]) => {
    metrics.list();
    deliver(cache.replace(items));
    hasSynced = true;
    for (const wake of [...waiting]) wake();
  };

  return {
    type,
    store: cache.store,
    hasSynced: () => hasSynced,
    synced(signal) {
      if (hasSynced || signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },
    subscribe(handler) {
      handlers.add(handler);
      for (const change of presentAs('added')) call(handler, change);
      return () => handlers.delete(handler);
    },
    async run(signal) {
      if (started) throw new Error(`the informer of ${type.plural} runs already`);
      started = true;
      const link = linkAbort(signal);
      const onEvent = (event: WatchEvent<T>) => deliver(cache.apply(event));
      const reflecting = reflect<T>({ ...options, onList, onEvent, onFailure: metrics.failure }, link.signal);
      const resyncing = options.resyncMs === undefined ? undefined : resync(options.resyncMs, link.signal);
      await Promise.all([reflecting, resyncing]);
      link.release();
    },
  };
}

function informerMetrics(registry: MetricsRegistry | undefined, resource: string) {
  const lists = counter(registry, {
    name: 'kube_informer_lists_total',
    help: 'Number of complete lists an informer has taken, by resource.',
    labelNames: ['resource'],
  });
  const failures = counter(registry, {
    name: 'kube_informer_failures_total',
    help: 'Number of failed lists and broken watches of an informer, by resource and reason.',
    labelNames: ['resource', 'reason'],
  });
  const objects = gauge(registry, {
    name: 'kube_informer_objects',
    help: 'Number of objects in an informer\u2019s store, by resource.',
    labelNames: ['resource'],
  });
  return {
    list: () => lists?.inc({ resource }),
    failure: (error: unknown) =>
      failures?.inc({ resource, reason: error instanceof ApiError ? String(error.status) : 'connection' }),
    objects: (count: number) => objects?.set({ resource }, count),
  };
}
