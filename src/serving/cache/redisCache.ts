/** The shared tier. */
import type { Clock } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';
import { decodeEntry, encodeEntry } from './entryFormat.js';
import type { RedisConnection } from './redisConnection.js';

export interface RedisCacheOptions {
  readonly redis: RedisConnection;
  /** Goes before every key, so that a Redis can be shared. */
  readonly prefix: string;
  readonly clock: Clock;
}

/** Larger answers cost the network more than they save. */
const MAX_VALUE_BYTES = 1 << 20;

/** Stands where an entry is being computed. An entry begins otherwise. */
const CLAIM = Buffer.from('claimed');

export class RedisCache implements PredictionCache {
  readonly #options: RedisCacheOptions;
  /** Keys under which this process owes an entry. */
  readonly #claimed = new Set<string>();

  constructor(options: RedisCacheOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<CacheHit | undefined> {
    const bytes = await this.#read(key);
    const entry = Buffer.isBuffer(bytes) ? decodeEntry(bytes) : undefined;
    return entry === undefined ? undefined : { ...entry, tier: 'redis' };
  }

  set(key: string, entry: CacheEntry): void {
    const lifetimeMs = Math.ceil(entry.expiresAt - this.#options.clock.now());
    if (entry.value.byteLength > MAX_VALUE_BYTES || lifetimeMs <= 0) {
      this.release(key);
      return;
    }
    this.#claimed.delete(key);
    const bytes = encodeEntry(entry);
    const { redis, prefix } = this.#options;
    void redis.command((client) => client.set(prefix + key, bytes, 'PX', lifetimeMs));
  }

  /**
   * Asks to be the one who computes the entry, for `holdMs` milliseconds at most. `theirs` when somebody else is at it;
   * undefined when Redis does not say. Who is told `mine` calls `set` or `release`.
   */
  async claim(key: string, holdMs: number): Promise<'mine' | 'theirs' | undefined> {
    const { redis, prefix } = this.#options;
    const answer = await redis.command((client) =>
      client.set(prefix + key, CLAIM, 'PX', Math.ceil(holdMs), 'NX'),
    );
    if (answer === undefined) return undefined;
    if (answer !== 'OK') return 'theirs';
    this.#claimed.add(key);
    return 'mine';
  }

  /** The entry when it is there, `claimed` while somebody computes it, `free` when nobody does; undefined when Redis does not say. */
  async look(key: string): Promise<CacheHit | 'claimed' | 'free' | undefined> {
    const bytes = await this.#read(key);
    if (bytes === undefined) return undefined;
    if (bytes === null) return 'free';
    if (!Buffer.isBuffer(bytes)) return undefined;
    if (bytes.equals(CLAIM)) return 'claimed';
    const entry = decodeEntry(bytes);
    return entry === undefined ? undefined : { ...entry, tier: 'redis' };
  }

  /** Gives a claim back: there will be no entry. */
  release(key: string): void {
    const { redis, prefix } = this.#options;
    if (this.#claimed.delete(key)) void redis.command((client) => client.del(prefix + key));
  }

  close(): Promise<void> {
    return this.#options.redis.close();
  }

  #read(key: string): Promise<unknown> {
    return this.#options.redis.command((client) => client.getBuffer(this.#options.prefix + key));
  }
}
