import type { Clock } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';

export interface TwoTierOptions {
  readonly near: PredictionCache;
  readonly far: PredictionCache;
  readonly clock: Clock;
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

  set(key: string, entry: CacheEntry): void {
    this.#options.near.set(key, entry);
    if (this.#options.worthAsking()) this.#options.far.set(key, entry);
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
    // The clock of the pod that stored it may be ahead of Redis' or of this one.
    if (hit === undefined || hit.expiresAt <= this.#options.clock.now()) return undefined;
    this.#options.near.set(key, hit);
    return hit;
  }
}
