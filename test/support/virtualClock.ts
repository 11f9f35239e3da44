import type { Clock, Timer } from '../../src/base/index.js';

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Turns of the event loop that `settle` waits: enough for streams and callbacks that hop through it. */
const SETTLE_TURNS = 3;

/**
 * Time that moves only when a test says so. Timers fire in the order of their due time, then of their creation; between
 * two of them every promise that can settle does, so that what a timer sets off happens at that timer's time.
 *
 *     const clock = new VirtualClock();
 *     const done = sleep(clock, 5_000);
 *     await clock.advance(5_000);
 *     await done;
 */
export class VirtualClock implements Clock {
  #wallMs: number;
  #elapsedMs = 0;
  #created = 0;
  /** Sorted: the next timer first. */
  readonly #timers: Entry[] = [];

  /** `startMs` is the wall clock at the beginning, in milliseconds since the epoch. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startMs;
  }

  now(): number {
    return this.#wallMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const entry: Entry = { at: this.#elapsedMs + Math.max(0, delayMs), order: this.#created++, callback };
    const index = this.#timers.findIndex((other) => other.at > entry.at);
    this.#timers.splice(index === -1 ? this.#timers.length : index, 0, entry);
    return {
      cancel: () => {
        const at = this.#timers.indexOf(entry);
        if (at !== -1) this.#timers.splice(at, 1);
      },
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Milliseconds until the next timer; undefined when there is none. */
  get untilNext(): number | undefined {
    const next = this.#timers[0];
    return next === undefined ? undefined : next.at - this.#elapsedMs;
  }

  /** Sets the wall clock forward or back, as an administrator or NTP does; timers and `monotonic` do not notice. */
  jumpWall(deltaMs: number): void {
    this.#wallMs += deltaMs;
  }

  /** Lets `ms` milliseconds pass, running what falls due, and lets everything settle before, between and after. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms;
    await this.settle();
    for (let next = this.#timers[0]; next !== undefined && next.at <= end; next = this.#timers[0]) {
      this.#timers.shift();
      this.#elapsedMs = Math.max(this.#elapsedMs, next.at);
      next.callback();
      await this.settle();
    }
    this.#elapsedMs = end;
  }

  /**
   * Jumps from timer to timer until `condition` holds. Throws when `limitMs` virtual milliseconds pass without it, or
   * when nothing is left that could make it true.
   */
  async advanceUntil(condition: () => boolean, limitMs = 3_600_000): Promise<void> {
    const end = this.#elapsedMs + limitMs;
    await this.settle();
    while (!condition()) {
      const next = this.#timers[0];
      if (next === undefined || next.at > end) {
        throw new Error(`the condition did not become true within ${limitMs} virtual ms`);
      }
      await this.advance(next.at - this.#elapsedMs);
    }
  }

  /** Lets promises, next ticks and immediates run, without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}
