/** Predictions that several pods are asked for at the same time are computed by one of them, where that pays. */
import { type Clock, sleep } from '../../base/index.js';
import type { CacheHit, PredictionCache } from './cache.js';
import type { RedisCache } from './redisCache.js';

export interface SharedFlightsOptions {
  readonly shared: RedisCache;
  /** Keeps what others computed. */
  readonly near: PredictionCache;
  readonly clock: Clock;
  /** Undefined while Redis is not to be asked. */
  readonly roundTripMs: () => number | undefined;
  /** What computing it here takes, in milliseconds. */
  readonly modelMs: () => number;
}

/** A claim costs a round trip, and waiting some more: only a model that takes this many is worth it. */
const WORTHWHILE_ROUND_TRIPS = 10;

/** Of a shorter run, what the claim costs this process is a part that counts. */
const SHORTEST_RUN_MS = 5;

/** A claim is held for so many times what the model takes, within bounds: whoever holds it may have a queue, or may have died. */
const HOLD_RUNS = 3;
const SHORTEST_HOLD_MS = 50;
const LONGEST_HOLD_MS = 5_000;

/** How often who waits looks, as a part of what the model takes. */
const LOOKS_A_RUN = 10;

export class SharedFlights {
  readonly #options: SharedFlightsOptions;

  constructor(options: SharedFlightsOptions) {
    this.#options = options;
  }

  worthwhile(): boolean {
    const roundTripMs = this.#options.roundTripMs();
    if (roundTripMs === undefined) return false;
    return this.#options.modelMs() > Math.max(SHORTEST_RUN_MS, roundTripMs * WORTHWHILE_ROUND_TRIPS);
  }

  /**
   * What another pod is computing, once it has. Undefined when this one is to compute it: nobody is at it, Redis does not
   * answer, or it took too long (half of what is left until `deadline`, a monotonic time in milliseconds, at most).
   */
  async find(key: string, deadline: number): Promise<CacheHit | undefined> {
    const { clock, shared, near } = this.#options;
    const holdMs = this.#holdMs();
    const begun = clock.monotonic();
    const until = Math.min(begun + holdMs, begun + (deadline - begun) / 2);
    while ((await shared.claim(key, holdMs)) === 'theirs') {
      const found = await this.#watch(key, until);
      if (typeof found === 'object') {
        near.set(key, found);
        return found;
      }
      if (found !== 'free') return undefined;
    }
    return undefined;
  }

  /** Nothing will come of it: others need not wait. */
  release(key: string): void {
    this.#options.shared.release(key);
  }

  /** The entry; `free` when whoever computed it gave up; undefined when it is no longer worth waiting. */
  async #watch(key: string, until: number): Promise<CacheHit | 'free' | undefined> {
    const { clock, shared, modelMs } = this.#options;
    for (;;) {
      const left = until - clock.monotonic();
      if (left <= 0) return undefined;
      await sleep(clock, Math.min(left, Math.max(1, modelMs() / LOOKS_A_RUN)));
      const found = await shared.look(key);
      if (found !== 'claimed') return found;
    }
  }

  #holdMs(): number {
    return Math.min(Math.max(this.#options.modelMs() * HOLD_RUNS, SHORTEST_HOLD_MS), LONGEST_HOLD_MS);
  }
}
