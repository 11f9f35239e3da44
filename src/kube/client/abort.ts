import { setMaxListeners } from 'node:events';

/** An AbortController that a parent signal aborts too, until `release` unties them. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Takes the listener off the parent: a process-long signal must not collect one for each request. */
  release(): void;
}

export function linkAbort(parent?: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  // Timers, requests and readers listen to one signal legitimately: Node's warning at ten would be noise.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(parent?.reason);
  if (parent?.aborted === true) onAbort();
  else {
    if (parent !== undefined) setMaxListeners(0, parent);
    parent?.addEventListener('abort', onAbort, { once: true });
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => parent?.removeEventListener('abort', onAbort),
  };
}

/**
 * `promise`, or a rejection with the signal's reason as soon as it aborts: a transport that ignores its signal must
 * not hold anybody.
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => undefined as void;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The chunks of `source` until the signal aborts: then the reader gets the signal's reason, even of a mute stream. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result = await orAborted(iterator.next(), signal);
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    // Not awaited: a stream that is stuck would never answer.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
