import {
  backoffDelay,
  type BackoffPolicy,
  type Clock,
  type Logger,
  messageOf,
  type MetricsRegistry,
  type Random,
  sleep,
} from '../../base/index.js';
import { ApiError, isAlreadyExists, isNotFound } from '../apiError.js';
import { linkAbort } from '../client/abort.js';
import type { Client } from '../client/contract.js';
import { counter } from '../metrics.js';
import type { KubeObject } from '../object.js';
import { resourceTypes } from '../resourceTypes.js';
import { createEventCorrelator, type EventSeries, type EventType, referenceTo } from './eventCorrelator.js';

/** As in client-go. */
const MAX_PENDING = 1_000;
const MAX_ATTEMPTS = 12;
const RETRY: BackoffPolicy = { baseMs: 1_000, capMs: 30_000, factor: 2, jitter: 0.5 };
/** What events.k8s.io/v1 allows in a note. Characters here, so that a message is never cut inside one. */
const MAX_MESSAGE = 1_000;

export interface EventRecorderOptions {
  readonly client: Client;
  /** Who reports, such as `gantry-operator`. */
  readonly component: string;
  /** Which instance of it, such as the pod's name. */
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry | undefined;
}

export interface EventRecorder {
  /**
   * Tells the object's readers what happened: `reason` in UpperCamelCase, `message` a sentence. Returns at once and never
   * throws; the event is written behind, and dropped rather than kept when the server does not take it.
   */
  event(object: KubeObject, type: EventType, reason: string, message: string): void;
  /** Resolves when nothing waits to be written. */
  flush(): Promise<void>;
  /** Drops what waits and takes nothing more. */
  close(): void;
}

/** Writes core/v1 Events (what `kubectl describe` reads): one object for each series, whose count goes up. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, random, logger } = options;
  const correlator = createEventCorrelator(clock, random);
  /** Series whose state the server does not have yet. */
  const pending = new Set<EventSeries>();
  const closing = linkAbort();
  const total = counter(options.metrics, {
    name: 'kube_event_recorder_events_total',
    help: 'Events by what became of them: written, filtered (too many about one object), dropped.',
    labelNames: ['result'],
  });
  let writing: Promise<void> | undefined;

  const create = (series: EventSeries) =>
    client.create(resourceTypes.coreEvents, toEvent(series, options), { signal: closing.signal });

  const write = async (series: EventSeries) => {
    if (!series.written) {
      await create(series);
      return;
    }
    const ref = { namespace: namespaceOf(series), name: series.name };
    const { count, message } = series;
    const body = { count, message, lastTimestamp: timestamp(series.lastAt) };
    try {
      await client.patch(resourceTypes.coreEvents, ref, body, { type: 'merge', signal: closing.signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Events live for an hour.
      correlator.rename(series);
      await create(series);
    }
  };

  const tryToWrite = async (series: EventSeries): Promise<'written' | 'dropped'> => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && !closing.signal.aborted; attempt++) {
      try {
        await write(series);
        series.written = true;
        return 'written';
      } catch (error) {
        if (isAlreadyExists(error)) {
          // The answer to an earlier attempt was lost: what it wrote may be an older count.
          series.written = true;
          continue;
        }
        const { reason, count } = series;
        logger.debug({ event: reason, count, attempt }, `event not written: ${messageOf(error)}`);
        if (isRefusal(error)) return 'dropped';
        await sleep(clock, backoffDelay(RETRY, attempt, random), closing.signal);
      }
    }
    return 'dropped';
  };

  const writeAll = async () => {
    for (let [series] = pending; series !== undefined && !closing.signal.aborted; [series] = pending) {
      pending.delete(series);
      // Apart from the count: `total?.inc(await …)` would write nothing where nobody counts.
      const result = await tryToWrite(series);
      total?.inc({ result });
    }
    writing = undefined;
  };

  const accept = (object: KubeObject, type: EventType, reason: string, message: string) => {
    const text = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
    const series = correlator.correlate(referenceTo(object), type, reason, text);
    if (series === undefined) total?.inc({ result: 'filtered' });
    else if (pending.size >= MAX_PENDING && !pending.has(series)) total?.inc({ result: 'dropped' });
    else pending.add(series);
    writing ??= Promise.resolve().then(writeAll);
  };

  return {
    event(object, type, reason, message) {
      if (closing.signal.aborted) return;
      try {
        accept(object, type, reason, message);
      } catch (error) {
        logger.error({ err: error }, `event not recorded: ${messageOf(error)}`);
      }
    },
    async flush() {
      while (writing !== undefined) await writing;
    },
    close() {
      pending.clear();
      closing.abort(new Error('the event recorder is closed'));
    },
  };
}

/** The server will not take this event, however often it is offered. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.status !== 429 && error.status !== 401;
}

/** Events about cluster-scoped objects are kept in `default`. */
function namespaceOf({ regarding }: EventSeries): string {
  return regarding.namespace ?? 'default';
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function toEvent(series: EventSeries, { component, instance }: EventRecorderOptions): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: series.name, namespace: namespaceOf(series) },
    involvedObject: series.regarding,
    type: series.type,
    reason: series.reason,
    message: series.message,
    count: series.count,
    firstTimestamp: timestamp(series.firstAt),
    lastTimestamp: timestamp(series.lastAt),
    source: { component },
    reportingComponent: component,
    reportingInstance: instance,
  };
}
