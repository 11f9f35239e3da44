export type { CacheEntry, CacheHit, PredictionCache } from './cache.js';
export { MemoryCache } from './memoryCache.js';
export { RedisCache, type RedisCacheOptions } from './redisCache.js';
export { TwoTierCache } from './twoTierCache.js';
