import type { Clock } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';

export interface TwoTierOptions {
  readonly near: PredictionCache;
  readonly far: PredictionCache;
  readonly clock: Clock;
  /** Lifetime of what is copied from far to near, counted from when it was computed. */
  readonly ttlSeconds: number;
  /** Whether the far tier is worth asking now: not when computing is quicker than asking. */
  readonly worthAsking: () => boolean;
}

/** Memory over Redis. What the far tier has is kept near; what is not worth asking for is not stored there either. */
export class TwoTierCache implements PredictionCache {
  readonly #options: TwoTierOptions;

  constructor(options: TwoTierOptions) {
    this.#options = options;
  }

  get(key: string): Promise<CacheHit | undefined> | CacheHit | undefined {
    const found = this.#options.near.get(key);
    if (found instanceof Promise) return found.then((hit) => hit ?? this.#askFar(key));
    return found ?? this.#askFar(key);
  }

  set(key: string, entry: CacheEntry, ttlSeconds: number): void {
    this.#options.near.set(key, entry, ttlSeconds);
    if (this.#options.worthAsking()) this.#options.far.set(key, entry, ttlSeconds);
  }

  async close(): Promise<void> {
    await Promise.all([this.#options.near.close(), this.#options.far.close()]);
  }

  #askFar(key: string): Promise<CacheHit | undefined> | undefined {
    return this.#options.worthAsking() ? this.#keepNear(key, this.#options.far.get(key)) : undefined;
  }

  async #keepNear(
    key: string,
    asked: Promise<CacheHit | undefined> | CacheHit | undefined,
  ): Promise<CacheHit | undefined> {
    const hit = await asked;
    if (hit === undefined) return undefined;
    const { clock, near, ttlSeconds } = this.#options;
    // Another pod may run with a longer lifetime, or its clock may be ahead.
    if (hit.storedAt + ttlSeconds * 1000 <= clock.now()) return undefined;
    near.set(key, hit, ttlSeconds);
    return hit;
  }
}
