/** Time as a parameter: whatever waits or stamps takes a Clock, so a test can own time. */
export interface Timer {
  /** Cancels the timer; calling it twice, or after it fired, does nothing. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. May jump when the wall clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes back. */
  monotonic(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. */
  schedule(delayMs: number, callback: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/**
 * Resolves after `delayMs`. An aborted `signal` resolves it at once: callers check the signal, so that shutting
 * down is not an error.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const onAbort = () => {
      timer.cancel();
      resolve();
    };
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What `work` resolves to; undefined when that takes longer than `ms` milliseconds. It goes on all the same. */
export async function withinTime<T>(work: Promise<T>, clock: Clock, ms: number): Promise<T | undefined> {
  const done = new AbortController();
  const late = sleep(clock, ms, done.signal).then(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
