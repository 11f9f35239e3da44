/** Empties the cache of a model: in this pod at once, in Redis and the other pods through it. */
import { type Clock, withinTime } from '../base/index.js';
import type { PurgedVersion, PurgeReport, VersionName } from './cache/index.js';
import type { ModelCache } from './modelCache.js';

export interface CachePurgeOptions {
  readonly cache: ModelCache;
  readonly clock: Clock;
  /** Purges every process of this pod; entries dropped by each. */
  readonly purgePod: (version: VersionName, generation: number) => Promise<readonly number[]>;
}

/** Who asks waits so long for Redis to be swept; it is swept to the end all the same. */
const SWEEP_MS = 2_000;

/** @param versions those this pod serves; with `others`, whatever versions Redis knows are purged as well */
export async function purgeModel(
  model: string,
  { versions, others }: { readonly versions: readonly string[]; readonly others: boolean },
  options: CachePurgeOptions,
): Promise<PurgeReport> {
  const { cache } = options;
  const inRedis = others ? await cache.versionsInRedis(model) : undefined;
  const purged: PurgedVersion[] = [];
  let pending = false;
  for (const version of new Set([...versions, ...(inRedis ?? [])])) {
    const { isShared, entries } = await purgeVersion({ name: model, version }, options);
    purged.push(entries);
    pending ||= !isShared;
  }
  return { name: model, purged, redis: !cache.hasRedis ? 'none' : pending ? 'pending' : 'purged' };
}

async function purgeVersion(
  version: VersionName,
  { cache, clock, purgePod }: CachePurgeOptions,
): Promise<{ readonly isShared: boolean; readonly entries: PurgedVersion }> {
  const { generation, isShared } = await cache.beginGeneration(version);
  const dropped = await purgePod(version, generation);
  const swept = isShared ? await withinTime(cache.sweepRedis(version), clock, SWEEP_MS) : undefined;
  return {
    isShared,
    entries: {
      version: version.version,
      memory_entries: dropped.reduce((sum, count) => sum + count, 0),
      ...(swept === undefined ? {} : { redis_entries: swept }),
    },
  };
}
