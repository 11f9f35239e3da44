/** A byte cache. Adapters: memory (LRU bounded in bytes), Redis, and the two-tier composition of both. */
export interface CacheEntry {
  readonly value: Uint8Array;
  /** When it was computed: milliseconds since the epoch. */
  readonly storedAt: number;
  /** When it is no longer of use: milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface CacheHit extends CacheEntry {
  readonly tier: 'memory' | 'redis';
}

export interface PredictionCache {
  /** Undefined on a miss and on any failure: a cache never fails a prediction. Never rejects. */
  get(key: string): Promise<CacheHit | undefined> | CacheHit | undefined;
  /** Returns at once; failures are counted, not thrown. The value must not change afterwards. */
  set(key: string, entry: CacheEntry): void;
  close(): Promise<void>;
}
