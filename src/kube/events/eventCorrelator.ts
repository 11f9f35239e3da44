import { type Clock, digestOfBytes, type Random } from '../../base/index.js';
import type { KubeObject } from '../object.js';
import { createTokenBucket, type TokenBucket } from '../queue/tokenBucket.js';
import { BoundedMap } from './boundedMap.js';

/** client-go's numbers. */
const MAX_REMEMBERED = 4_096;
/** Different messages of one reason about one object, within the window, that are told apart. */
const MAX_SIMILAR = 10;
const SIMILAR_WINDOW_MS = 600_000;
const PER_OBJECT = { burst: 25, perSecond: 1 / 300 };

export type EventType = 'Normal' | 'Warning';

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** One Event object and how often it has happened. */
export interface EventSeries {
  readonly regarding: ObjectReference;
  readonly type: EventType;
  readonly reason: string;
  message: string;
  /** Of the Event object: unique, and made anew when the server has forgotten it. */
  name: string;
  count: number;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  lastAt: number;
  /** Whether the server has it. */
  written: boolean;
}

export interface EventCorrelator {
  /** The series the event belongs to, with this one counted; undefined when the object has had too many. */
  correlate(
    regarding: ObjectReference,
    type: EventType,
    reason: string,
    message: string,
  ): EventSeries | undefined;
  /** Another name for a series that must be written anew. */
  rename(series: EventSeries): void;
}

interface Similar {
  readonly messages: Set<string>;
  lastAt: number;
}

/**
 * Turns a stream of events into few Event objects, as client-go's EventCorrelator does: the same event again raises its
 * count; many that differ in their message alone become one "(combined from similar events)"; an object that has many
 * gets one in five minutes.
 */
export function createEventCorrelator(clock: Clock, random: Random): EventCorrelator {
  const series = new BoundedMap<string, EventSeries>(MAX_REMEMBERED);
  const similar = new BoundedMap<string, Similar>(MAX_REMEMBERED);
  const budgets = new BoundedMap<string, TokenBucket>(MAX_REMEMBERED);

  const nameFor = (objectName: string) => {
    const digest = digestOfBytes(`${clock.now()} ${random.next()} ${random.next()}`);
    // 253 characters are allowed, 17 are ours.
    return `${objectName.slice(0, 236)}.${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
  };

  const isOneOfMany = (key: string, message: string): boolean => {
    const now = clock.monotonic();
    const known = similar.get(key);
    const group =
      known !== undefined && now - known.lastAt <= SIMILAR_WINDOW_MS
        ? known
        : { messages: new Set<string>(), lastAt: now };
    group.lastAt = now;
    similar.set(key, group);
    if (group.messages.size >= MAX_SIMILAR && !group.messages.has(message)) return true;
    group.messages.add(message);
    return false;
  };

  const budgetOf = (objectId: string): TokenBucket => {
    const budget = budgets.get(objectId) ?? createTokenBucket(clock, PER_OBJECT);
    budgets.set(objectId, budget);
    return budget;
  };

  return {
    correlate(regarding, type, reason, message) {
      const objectId = JSON.stringify([
        regarding.apiVersion,
        regarding.kind,
        regarding.namespace,
        regarding.name,
        regarding.uid,
      ]);
      if (!budgetOf(objectId).tryTake()) return undefined;
      const kindOfEvent = JSON.stringify([objectId, type, reason]);
      const combined = isOneOfMany(kindOfEvent, message);
      const key = combined ? kindOfEvent : JSON.stringify([kindOfEvent, message]);
      const text = combined ? `(combined from similar events): ${message}` : message;
      const now = clock.now();
      const known = series.get(key);
      const current = known ?? {
        regarding,
        type,
        reason,
        message: text,
        name: nameFor(regarding.name),
        count: 0,
        firstAt: now,
        lastAt: now,
        written: false,
      };
      current.count += 1;
      current.message = text;
      current.lastAt = Math.max(now, current.lastAt);
      series.set(key, current);
      return current;
    },
    rename(known) {
      known.name = nameFor(known.regarding.name);
      known.written = false;
    },
  };
}

/** The reference by which an Event names an object. */
export function referenceTo(object: KubeObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion };
}
