import {
  backoffDelay,
  type BackoffPolicy,
  type Clock,
  type Logger,
  messageOf,
  type Random,
  sleep,
} from '../../base/index.js';
import { ApiError, apiErrorOfEvent, isGone } from '../apiError.js';
import type { Client, Selection } from '../client/contract.js';
import { listAll } from '../client/listAll.js';
import type { KubeObject, ResourceType, WatchEvent } from '../object.js';
import { compareResourceVersions } from '../resourceVersion.js';

/** As in client-go: 0.8 s to 30 s. */
const BACKOFF: BackoffPolicy = { baseMs: 800, capMs: 30_000, factor: 2, jitter: 0.5 };
/** A server asks for no longer silence than this. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Watches in a row that may fail before their version itself is doubted and everything is listed. */
const MAX_RESUMES = 3;
/** A watch that ends sooner, without an event, counts as a failure: a server that hangs up must not be hammered. */
const SHORT_WATCH_MS = 5_000;
/** As in client-go: watches last 5 to 10 minutes, at random, so that they do not all end together. */
const MIN_WATCH_SECONDS = 300;

export interface ReflectorOptions<T extends KubeObject> extends Selection {
  readonly client: Client;
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  onList(items: readonly T[]): void;
  onEvent(event: WatchEvent<T>): void;
  onFailure?(error: unknown): void;
}

/** The order of versions broke: the stream cannot be trusted, a list tells what is. */
class OutOfOrderError extends Error {
  constructor(received: string, after: string) {
    super(`the watch sent version ${received} after ${after}`);
    this.name = 'OutOfOrderError';
  }
}

/**
 * Lists, then watches from the list's version, for ever: a broken watch resumes where it stood, and when the server no
 * longer knows the place (410), the order breaks or watches keep failing, everything is listed again. Every failure waits
 * with a growing, jittered delay; none ends the loop. Resolves when the signal aborts.
 */
export async function reflect<T extends KubeObject>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, logger } = options;
  const selection: Selection = {
    namespace: options.namespace,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  };
  /** Where to watch from; undefined when a list is due. */
  let version: string | undefined;
  let failures = 0;

  const list = async () => {
    const result = await listAll<T>(options.client, options.type, { ...selection, signal });
    options.onList(result.items);
    version = result.metadata.resourceVersion ?? '0';
  };

  const take = (event: WatchEvent<T>, after: string) => {
    if (event.type === 'ERROR') throw apiErrorOfEvent(event.object);
    const received = event.object.metadata.resourceVersion ?? after;
    const order = compareResourceVersions(received, after);
    if (order !== undefined && order < 0) throw new OutOfOrderError(received, after);
    if (event.type !== 'BOOKMARK') options.onEvent(event);
    // Afterwards: an event that could not be taken in is asked for again.
    version = received;
    failures = 0;
  };

  const watch = async (from: string) => {
    const startedAt = clock.monotonic();
    const timeoutSeconds = Math.floor(MIN_WATCH_SECONDS * (1 + random.next()));
    const watchOptions = { ...selection, resourceVersion: from, timeoutSeconds, signal };
    for await (const event of options.client.watch<T>(options.type, watchOptions)) {
      take(event, version ?? from);
    }
    if (clock.monotonic() - startedAt >= SHORT_WATCH_MS) failures = 0;
    else if (version === from) throw new Error('the watch ended at once, without an event');
  };

  while (!signal.aborted) {
    try {
      if (version === undefined) await list();
      if (version !== undefined) await watch(version);
    } catch (error) {
      if (signal.aborted) break;
      failures += 1;
      if (isGone(error) || error instanceof OutOfOrderError || failures > MAX_RESUMES) version = undefined;
      const delayMs = delayAfter(error, failures, random);
      const resource = options.type.plural;
      logger.warn(
        { resource, failures, delayMs: Math.round(delayMs), relist: version === undefined },
        `list or watch failed: ${messageOf(error)}`,
      );
      options.onFailure?.(error);
      await sleep(clock, delayMs, signal);
    }
  }
}

function delayAfter(error: unknown, failures: number, random: Random): number {
  const delayMs = backoffDelay(BACKOFF, failures, random);
  const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(delayMs, Math.min(askedMs, MAX_RETRY_AFTER_MS));
}
