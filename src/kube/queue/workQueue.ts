import {
  backoffDelay,
  type BackoffPolicy,
  type Clock,
  type MetricsRegistry,
  type Random,
  type Timer,
} from '../../base/index.js';
import { queueMetrics } from './queueMetrics.js';
import { createTokenBucket, type TokenBucketOptions } from './tokenBucket.js';

/** client-go waits 5 ms to 1000 s; five minutes at most keep a mended object from looking forgotten. */
const DEFAULT_BACKOFF: BackoffPolicy = { baseMs: 5, capMs: 300_000, factor: 2, jitter: 0.1 };
/** As in client-go: what fails all together comes back at this rate. */
const DEFAULT_RATE: TokenBucketOptions = { perSecond: 10, burst: 100 };

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Names the queue in metrics. */
  readonly name: string;
  /** Delay after a key's first, second, … failure. */
  readonly backoff?: BackoffPolicy;
  /** Of all retries together. */
  readonly retryRate?: TokenBucketOptions;
  readonly metrics?: MetricsRegistry | undefined;
}

/**
 * client-go's rate-limiting queue: a key waits once however often it is added, is never with two workers, and when it is
 * added while a worker has it, it comes again after `done`.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds after `delayMs` milliseconds; of several such calls the earliest counts. */
  addAfter(key: string, delayMs: number): void;
  /**
   * Adds after the key's backoff, not before `atLeastMs` milliseconds (what a server asked for), and no faster than the
   * rate of all retries. Counts a failure.
   */
  addRateLimited(key: string, atLeastMs?: number): void;
  /** The key's failures are over: its backoff starts anew. */
  forget(key: string): void;
  failures(key: string): number;
  /** The next key, to be given back by `done`. Undefined when the signal aborts, or the queue is shut down and empty. */
  next(signal?: AbortSignal): Promise<string | undefined>;
  done(key: string): void;
  /** Takes nothing more in; what waits is still handed out. Resolves when every key is done. */
  shutDown(): Promise<void>;
  /** Keys that wait for a worker (delayed ones not counted). */
  readonly length: number;
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, random } = options;
  const backoff = options.backoff ?? DEFAULT_BACKOFF;
  const retries = createTokenBucket(clock, options.retryRate ?? DEFAULT_RATE);
  const metrics = queueMetrics(options.metrics, options.name, clock);
  /** In the order of arrival. */
  const waiting = new Set<string>();
  /** Stands before the first of them; a new one for each key would pass all that were taken before. */
  let arrivals = waiting.values();
  const processing = new Set<string>();
  /** Added while being processed. */
  const again = new Set<string>();
  const delayed = new Map<string, { readonly at: number; readonly timer: Timer }>();
  const failures = new Map<string, number>();
  const idleWorkers = new Set<() => void>();
  const drained: (() => void)[] = [];
  let shuttingDown = false;

  const wakeOne = () => {
    const [wake] = idleWorkers;
    wake?.();
  };

  const push = (key: string) => {
    waiting.add(key);
    metrics.depth(waiting.size);
    wakeOne();
  };

  const add = (key: string) => {
    if (shuttingDown || waiting.has(key) || again.has(key)) return;
    metrics.added(key);
    if (processing.has(key)) again.add(key);
    else push(key);
  };

  const addAfter = (key: string, delayMs: number) => {
    if (shuttingDown) return;
    if (delayMs <= 0) return add(key);
    const at = clock.monotonic() + delayMs;
    const known = delayed.get(key);
    if (known !== undefined && known.at <= at) return;
    known?.timer.cancel();
    const timer = clock.schedule(delayMs, () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, { at, timer });
  };

  const take = (): string | undefined => {
    let next = arrivals.next();
    if (next.done === true) {
      arrivals = waiting.values();
      next = arrivals.next();
    }
    if (next.done === true) return undefined;
    const key = next.value;
    waiting.delete(key);
    processing.add(key);
    metrics.started(key);
    metrics.depth(waiting.size);
    return key;
  };

  const announceDrained = () => {
    if (!shuttingDown || waiting.size > 0 || processing.size > 0) return;
    for (const resolve of drained.splice(0)) resolve();
  };

  const wait = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        idleWorkers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      idleWorkers.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });

  return {
    add,
    addAfter,
    addRateLimited(key, atLeastMs = 0) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      metrics.retried();
      addAfter(key, Math.max(atLeastMs, backoffDelay(backoff, count, random), retries.reserveMs()));
    },
    forget: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
    async next(signal) {
      while (signal?.aborted !== true) {
        const key = take();
        if (key !== undefined) return key;
        if (shuttingDown && processing.size === 0) return undefined;
        await wait(signal);
      }
      // It may have been woken for a key: another one takes it.
      if (waiting.size > 0) wakeOne();
      return undefined;
    },
    done(key) {
      if (!processing.delete(key)) return;
      metrics.done(key);
      if (again.delete(key)) push(key);
      else if (shuttingDown) for (const wake of [...idleWorkers]) wake();
      announceDrained();
    },
    shutDown() {
      shuttingDown = true;
      for (const { timer } of delayed.values()) timer.cancel();
      delayed.clear();
      for (const wake of [...idleWorkers]) wake();
      return new Promise((resolve) => {
        drained.push(resolve);
        announceDrained();
      });
    },
    get length() {
      return waiting.size;
    },
  };
}
