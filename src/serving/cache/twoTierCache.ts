import type { Clock } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';
import { CacheUse } from './cacheUse.js';

export interface TwoTierOptions {
  readonly near: PredictionCache;
  readonly far: PredictionCache;
  readonly clock: Clock;
  /** What asking the far tier takes now, in milliseconds; undefined while it is not to be asked. */
  readonly roundTripMs: () => number | undefined;
  /** What is waited for without it, in milliseconds, and the run alone, which is what computing costs. */
  readonly modelMs: () => number;
  readonly runMs: number;
}

/** What asking the far tier and storing there costs this process, waiting apart, in milliseconds. */
const FAR_MS = 0.15;

/** Memory over Redis. What the far tier has is kept near; what is not worth asking for is not stored there either. */
export class TwoTierCache implements PredictionCache {
  readonly #options: TwoTierOptions;
  readonly #farUse = new CacheUse(FAR_MS);

  constructor(options: TwoTierOptions) {
    this.#options = options;
  }

  get(key: string): Promise<CacheHit | undefined> | CacheHit | undefined {
    const found = this.#options.near.get(key);
    if (found instanceof Promise) return found.then((hit) => hit ?? this.#askFar(key));
    return found ?? this.#askFar(key);
  }

  set(key: string, entry: CacheEntry): void {
    this.#options.near.set(key, entry);
    if (this.#isForFar(key)) this.#options.far.set(key, entry);
  }

  async close(): Promise<void> {
    await Promise.all([this.#options.near.close(), this.#options.far.close()]);
  }

  #askFar(key: string): Promise<CacheHit | undefined> | undefined {
    return this.#isForFar(key) ? this.#keepNear(key, this.#options.far.get(key)) : undefined;
  }

  /** Not when computing is quicker than asking, nor when it costs little more and nothing is ever found there. */
  #isForFar(key: string): boolean {
    const { roundTripMs, modelMs, runMs } = this.#options;
    return (roundTripMs() ?? Infinity) < modelMs() && this.#farUse.wantsKey(runMs, key);
  }

  async #keepNear(
    key: string,
    asked: Promise<CacheHit | undefined> | CacheHit | undefined,
  ): Promise<CacheHit | undefined> {
    const hit = await asked;
    // The clock of the pod that stored it may be ahead of Redis' or of this one.
    const found = hit !== undefined && hit.expiresAt > this.#options.clock.now();
    this.#farUse.record(found);
    if (!found) return undefined;
    this.#options.near.set(key, hit);
    return hit;
  }
}
