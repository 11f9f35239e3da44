/** The prediction cache of a process: its tiers put together for each model, and emptied by a purge. */
import type { Clock, Logger } from '../base/index.js';
import {
  Keyspace,
  MemoryCache,
  type PredictionCache,
  RedisCache,
  RedisConnection,
  SharedFlights,
  SharedGenerations,
  sweep,
  TwoTierCache,
  type VersionKeys,
  type VersionName,
} from './cache/index.js';
import {
  type CachedModel,
  CacheStage,
  type MissCost,
  type ModelSource,
  type Predict,
} from './dataplane/index.js';
import { AnswerMemo } from './http/answerMemo.js';
import { predictionKey } from './protocol/key.js';
import type { RedisOptions } from './serverOptions.js';
import type { CacheFigures } from './telemetry/index.js';

export interface ModelCacheOptions {
  readonly ttlSeconds: number;
  readonly maxBytes: number;
  /** The tier that pods share; none when not given. */
  readonly redis: RedisOptions | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REDIS_DEADLINE_MS = 20;

/** What another version of this program would not understand goes under another prefix. */
const REDIS_PREFIX = 'gantry:2:';

/** What is there where a Redis is configured. */
interface SharedTier {
  readonly connection: RedisConnection;
  readonly cache: RedisCache;
  readonly generations: SharedGenerations;
}

export class ModelCache {
  readonly #options: ModelCacheOptions;
  readonly #memory: MemoryCache;
  readonly #keyspace = new Keyspace();
  /** By source: looked up at each request. */
  readonly #keys = new WeakMap<ModelSource, VersionKeys>();
  readonly #shared: SharedTier | undefined;
  readonly memo: AnswerMemo;

  constructor(options: ModelCacheOptions) {
    const { clock, maxBytes, redis, ttlSeconds } = options;
    this.#options = options;
    this.#memory = new MemoryCache(maxBytes, clock);
    this.#shared = redis === undefined ? undefined : this.#connect(redis);
    this.memo = new AnswerMemo({
      cache: this.#memory,
      now: () => clock.now(),
      ttlSeconds,
      prefixOf: (source) => this.#keysOf(source).answersPrefix,
    });
  }

  /** Bytes of the tier in this process. */
  limitTo(maxBytes: number): void {
    this.#memory.limitTo(maxBytes);
  }

  /** `next` behind the cache. */
  readonly stage = (next: Predict, { source, statistics, missCost }: CachedModel): CacheStage => {
    const { clock, ttlSeconds } = this.#options;
    const keys = this.#keysOf(source);
    return new CacheStage(next, {
      ...this.#tiersOf(keys, missCost),
      clock,
      ttlSeconds,
      keys,
      keyOf: predictionKey.bind(undefined, source.name, source.version, source.digest),
      statistics,
      missCost,
    });
  };

  get hasRedis(): boolean {
    return this.#shared !== undefined;
  }

  /** Versions of a model whose entries Redis may hold, whoever serves them; undefined when Redis does not answer. */
  async versionsInRedis(model: string): Promise<readonly string[] | undefined> {
    return this.#shared?.generations.versionsOf(model);
  }

  /**
   * The generation that a purge begins: one for all pods, or, where Redis does not answer, this pod's own, which it tells
   * Redis when it does.
   */
  async beginGeneration(
    version: VersionName,
  ): Promise<{ readonly generation: number; readonly isShared: boolean }> {
    const keys = this.#keyspace.of(version);
    const begun = await this.#shared?.generations.begin(keys);
    return {
      generation: begun ?? Math.max(this.#options.clock.now(), keys.generation + 1),
      isShared: begun !== undefined,
    };
  }

  /** Purges what this process has of a version, the answers that are being computed included; tells how many entries went. */
  purgeHere(version: VersionName, generation: number): number {
    const keys = this.#keyspace.of(version);
    // What was read in Redis a moment ago has been purged then.
    if (generation === keys.generation) return 0;
    keys.advanceTo(Math.max(generation, keys.generation + 1));
    return this.#memory.drop(keys.anyPrefix);
  }

  /** Frees in Redis what a purge left there; entries removed, undefined when not all of them are known. */
  async sweepRedis(version: VersionName): Promise<number | undefined> {
    const shared = this.#shared;
    return shared && sweep(shared.connection, REDIS_PREFIX, this.#keyspace.of(version));
  }

  figures(): CacheFigures {
    const { bytes, entries, evictions } = this.#memory;
    const redis = this.#shared?.connection;
    return {
      bytes,
      entries,
      evictions,
      redis: redis && { failures: redis.failures, open: redis.isOpen, roundTripMs: redis.roundTripMs },
    };
  }

  async close(): Promise<void> {
    this.#shared?.generations.close();
    await Promise.all([this.#memory.close(), this.#shared?.connection.close()]);
  }

  #connect(redis: RedisOptions): SharedTier {
    const { clock, logger } = this.#options;
    const connection = new RedisConnection({ ...redis, deadlineMs: REDIS_DEADLINE_MS, clock, logger });
    const generations = new SharedGenerations({
      redis: connection,
      prefix: REDIS_PREFIX,
      keyspace: this.#keyspace,
      clock,
      onPurged: (keys) => void this.#memory.drop(keys.anyPrefix),
    });
    const cache = new RedisCache({ redis: connection, prefix: REDIS_PREFIX, clock });
    return { connection, cache, generations };
  }

  #keysOf(source: ModelSource): VersionKeys {
    const known = this.#keys.get(source);
    if (known !== undefined) return known;
    const keys = this.#keyspace.of(source);
    this.#keys.set(source, keys);
    void this.#shared?.generations.read();
    return keys;
  }

  #tiersOf(
    keys: VersionKeys,
    missCost: MissCost,
  ): { readonly cache: PredictionCache; readonly elsewhere?: SharedFlights } {
    const near = this.#memory;
    const shared = this.#shared;
    if (shared === undefined) return { cache: near };
    const { clock } = this.#options;
    const { cache: far, connection, generations } = shared;
    const modelMs = () => missCost.ms;
    const roundTripMs = () => (generations.knows(keys) ? connection.roundTripMs : undefined);
    return {
      cache: new TwoTierCache({ near, far, clock, roundTripMs, modelMs, runMs: missCost.runMs }),
      elsewhere: new SharedFlights({ shared: far, near, clock, roundTripMs, modelMs }),
    };
  }
}
