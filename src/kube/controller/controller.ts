import { type Clock, type Logger, messageOf, type MetricsRegistry, type Random } from '../../base/index.js';
import { ApiError, isConflict } from '../apiError.js';
import { linkAbort } from '../client/abort.js';
import { createWorkQueue, type WorkQueue } from '../queue/workQueue.js';
import { controllerMetrics, type ReconcileOutcome } from './controllerMetrics.js';

/** An error that trying again cannot mend: the key rests until something changes. */
export class TerminalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TerminalError';
  }
}

export interface ReconcileContext {
  /** Aborts when the controller stops, or when the reconciliation exceeds `reconcileTimeoutMs`. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export interface ReconcileResult {
  /** Look again after so many milliseconds, whatever happens. */
  readonly requeueAfterMs?: number | undefined;
}

export interface ControllerOptions {
  readonly name: string;
  /** One of its own when not given. */
  readonly queue?: WorkQueue;
  /** Keys that are reconciled at once; one key never is. */
  readonly workers: number;
  /** Makes what is observed of the key more like what is declared. What it throws is tried again, with backoff. */
  reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult | void>;
  /** Aborts a reconciliation's signal after so many milliseconds; never when not given. */
  readonly reconcileTimeoutMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry;
}

export interface Controller {
  enqueue(key: string): void;
  enqueueAfter(key: string, delayMs: number): void;
  /**
   * Works until the signal aborts, then resolves when the reconciliations under way have ended. To be called once: the
   * queue is shut down with it.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** What a bug throws: reported with its stack, tried again like any other error. */
const PROGRAMMING_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError];

export function createController(options: ControllerOptions): Controller {
  const { clock, random, name, metrics: registry } = options;
  const logger = options.logger.child({ controller: name });
  const queue = options.queue ?? createWorkQueue({ clock, random, name, metrics: registry });
  const metrics = controllerMetrics(registry, name, options.workers);

  const succeed = (key: string, result: ReconcileResult | void): ReconcileOutcome => {
    queue.forget(key);
    const afterMs = result?.requeueAfterMs;
    if (afterMs === undefined) return 'success';
    queue.addAfter(key, afterMs);
    return 'requeue_after';
  };

  const fail = (key: string, error: unknown, stopping: boolean): ReconcileOutcome => {
    const reason = messageOf(error);
    if (error instanceof TerminalError) {
      queue.forget(key);
      logger.error({ key }, `reconciliation failed for good: ${reason}`);
      return 'terminal_error';
    }
    if (stopping) return 'error';
    queue.addRateLimited(key, error instanceof ApiError ? error.retryAfterMs : undefined);
    const fields = { key, failures: queue.failures(key) };
    if (isProgrammingError(error)) {
      logger.error({ ...fields, err: error }, `reconciliation hit a bug: ${reason}`);
      return 'panic';
    }
    // A conflict is the ordinary way to learn that the copy was old.
    if (isConflict(error)) logger.debug(fields, `reconciliation is repeated: ${reason}`);
    else logger.warn(fields, `reconciliation failed, to be repeated: ${reason}`);
    return 'error';
  };

  const reconcile = async (key: string, signal: AbortSignal) => {
    const startedAt = clock.monotonic();
    const link = linkAbort(signal);
    const { reconcileTimeoutMs } = options;
    const timer =
      reconcileTimeoutMs === undefined
        ? undefined
        : clock.schedule(reconcileTimeoutMs, () =>
            link.abort(new Error(`the reconciliation took longer than ${reconcileTimeoutMs} ms`)),
          );
    let outcome: ReconcileOutcome = 'panic';
    metrics.started();
    try {
      const context = { signal: link.signal, logger: logger.child({ key }) };
      outcome = succeed(key, await options.reconcile(key, context));
    } catch (error) {
      outcome = fail(key, error, signal.aborted);
    } finally {
      timer?.cancel();
      link.release();
      metrics.finished(outcome, (clock.monotonic() - startedAt) / 1000);
      queue.done(key);
    }
  };

  const work = async (signal: AbortSignal) => {
    for (let key = await queue.next(signal); key !== undefined; key = await queue.next(signal)) {
      await reconcile(key, signal);
    }
  };

  return {
    enqueue: (key) => queue.add(key),
    enqueueAfter: (key, delayMs) => queue.addAfter(key, delayMs),
    async run(signal) {
      const link = linkAbort(signal);
      await Promise.all(Array.from({ length: options.workers }, () => work(link.signal)));
      link.release();
      // What waits is dropped, since whoever runs next starts from everything there is; no timer is left behind.
      void queue.shutDown();
    },
  };
}

function isProgrammingError(error: unknown): boolean {
  return !(error instanceof Error) || PROGRAMMING_ERRORS.some((kind) => error instanceof kind);
}
