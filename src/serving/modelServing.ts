/** The data plane put together from the configuration: runtimes, cache tiers, limits. */
import { existsSync } from 'node:fs';
import type { Clock } from '../base/index.js';
import { MemoryCache, type PredictionCache, RedisCache, TwoTierCache } from './cache/index.js';
import { type CachedModel, CacheStage, type DataPlaneOptions, type Predict } from './dataplane/index.js';
import { AnswerMemo } from './http/answerMemo.js';
import type { CacheFigures } from './telemetry/index.js';
import { predictionKey } from './protocol/key.js';
import { availableCores, createOnnxRuntime, createPoolRuntime } from './runtime/index.js';
import type { ServerOptions } from './serverOptions.js';

export interface ModelServing {
  readonly dataPlane: DataPlaneOptions;
  /** Both are undefined where the cache is turned off. */
  readonly memo: AnswerMemo | undefined;
  cacheFigures(): CacheFigures | undefined;
  close(): Promise<void>;
}

const REDIS_DEADLINE_MS = 20;

/** What another version of this program would not understand goes under another prefix. */
const REDIS_PREFIX = 'gantry:1:';

export async function prepareModelServing(options: ServerOptions, clock: Clock): Promise<ModelServing> {
  const { config, logger } = options;
  const workerFile = options.workerFile ?? builtWorker();
  const cache = config.cache.enabled ? createCache(options, clock) : undefined;
  const dataPlane: DataPlaneOptions = {
    inlineRuntime: options.runtime ?? createOnnxRuntime(),
    clock,
    logger,
    defer: setImmediate,
    maxRows: config.batching.enabled ? config.batching.maxRows : 1,
    maxQueue: config.queue.maxRequests,
    warmUpRuns: config.warmup.runs,
    threads: config.threads === 'auto' ? await availableCores() : config.threads,
    ...(workerFile === undefined
      ? {}
      : { poolRuntime: (threads: number) => createPoolRuntime({ threads, workerFile, clock, logger }) }),
    ...(cache === undefined ? {} : { cacheStage: cache.stage }),
  };
  return {
    dataPlane,
    memo: cache?.memo,
    cacheFigures: () => cache?.figures(),
    close: async () => cache?.close(),
  };
}

/** The worker's program beside this one, where the build puts it; undefined when running from the sources. */
function builtWorker(): URL | undefined {
  const file = new URL('./serving-worker.js', import.meta.url);
  return existsSync(file) ? file : undefined;
}

interface SharedCache {
  readonly stage: (next: Predict, model: CachedModel) => Predict;
  readonly memo: AnswerMemo;
  figures(): CacheFigures;
  close(): Promise<void>;
}

function createCache({ config, logger, redisUrl }: ServerOptions, clock: Clock): SharedCache {
  const { ttlSeconds, maxBytes } = config.cache;
  const memory = new MemoryCache(maxBytes, clock);
  const redis =
    redisUrl === undefined
      ? undefined
      : new RedisCache({ url: redisUrl, prefix: REDIS_PREFIX, deadlineMs: REDIS_DEADLINE_MS, clock, logger });
  const tiersFor = (modelMs: number): PredictionCache =>
    redis === undefined
      ? memory
      : new TwoTierCache({
          near: memory,
          far: redis,
          clock,
          // Never wait for Redis where the model is faster than Redis.
          worthAsking: () => redis.roundTripMs !== undefined && redis.roundTripMs < modelMs,
        });
  return {
    stage(next, { source, statistics, modelMs }) {
      const { name, version, digest } = source;
      const keyOf = predictionKey.bind(undefined, name, version, digest);
      return new CacheStage(next, { cache: tiersFor(modelMs), clock, ttlSeconds, keyOf, statistics, modelMs })
        .predict;
    },
    memo: new AnswerMemo({ cache: memory, now: () => clock.now(), ttlSeconds }),
    figures: () => ({
      bytes: memory.bytes,
      entries: memory.entries,
      evictions: memory.evictions,
      redis:
        redis === undefined
          ? undefined
          : { failures: redis.failures, open: redis.isOpen, roundTripMs: redis.roundTripMs },
    }),
    async close() {
      await Promise.all([memory.close(), redis?.close()]);
    },
  };
}
