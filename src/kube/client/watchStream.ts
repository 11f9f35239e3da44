import type { KubeObject, WatchEvent } from '../object.js';
import { lines } from './lines.js';

/** Far above what a server stores for an object (etcd: 1.5 MiB), far below what hurts. */
const MAX_EVENT_BYTES = 16 * 2 ** 20;

const EVENT_TYPES: readonly string[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'];

/** The stream is not what a watch sends: half a line, another text. Whoever reads must start again. */
export class MalformedWatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedWatchError';
  }
}

/** The events in a watch's body. Throws MalformedWatchError at the first line that is none. */
export async function* watchEvents<T extends KubeObject>(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines(body, { maxBytes: MAX_EVENT_BYTES })) yield parseEvent<T>(line);
}

function parseEvent<T extends KubeObject>(line: string): WatchEvent<T> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new MalformedWatchError(`a line of the watch is not JSON (${line.length} characters)`);
  }
  if (!isEvent<T>(value)) throw new MalformedWatchError('a line of the watch is not an event');
  return value;
}

function isEvent<T extends KubeObject>(value: unknown): value is WatchEvent<T> {
  if (typeof value !== 'object' || value === null) return false;
  const { type, object } = value as { type?: unknown; object?: unknown };
  if (typeof type !== 'string' || !EVENT_TYPES.includes(type)) return false;
  if (typeof object !== 'object' || object === null) return false;
  if (type === 'ERROR') return true;
  const { metadata } = object as { metadata?: { name?: unknown; resourceVersion?: unknown } };
  if (typeof metadata?.resourceVersion !== 'string') return false;
  return type === 'BOOKMARK' || typeof metadata.name === 'string';
}
