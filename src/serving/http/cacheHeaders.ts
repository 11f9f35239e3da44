/** What the client says to the cache (RFC 9111, 5.2.1) and what it is told of it (RFC 9211). */
import type { IncomingHttpHeaders } from 'node:http';
import { CACHE_AS_CONFIGURED, type CacheDirective, type CacheOutcome } from '../dataplane/index.js';

const MAX_AGE = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/i;

export function cacheDirective(headers: IncomingHttpHeaders): CacheDirective {
  const header = headers['cache-control'];
  if (header === undefined || header === '') return CACHE_AS_CONFIGURED;
  const noStore = /(?:^|[\s,])no-store/i.test(header);
  const noCache = /(?:^|[\s,])no-cache/i.test(header);
  const maxAge = MAX_AGE.exec(header)?.[1];
  const directive = { read: !noStore && !noCache, store: !noStore };
  return maxAge === undefined ? directive : { ...directive, maxAgeSeconds: Number(maxAge) };
}

/** As header names and values in turn. */
export function cacheHeaders(outcome: CacheOutcome): readonly string[] {
  switch (outcome.kind) {
    case 'hit':
      return [
        'Cache-Status',
        `gantry; hit; ttl=${outcome.ttlSeconds}; detail=${outcome.tier}`,
        'Age',
        String(outcome.ageSeconds),
      ];
    case 'miss':
      return outcome.collapsed ? COLLAPSED : outcome.stored ? MISS_STORED : MISS;
    case 'refused-by-request':
      return outcome.stored ? REQUEST_STORED : REQUEST;
    case 'bypass':
      return BYPASS;
  }
}

const MISS_STORED = ['Cache-Status', 'gantry; fwd=miss; stored'];
const MISS = ['Cache-Status', 'gantry; fwd=miss'];
const COLLAPSED = ['Cache-Status', 'gantry; fwd=miss; collapsed'];
const REQUEST_STORED = ['Cache-Status', 'gantry; fwd=request; stored'];
const REQUEST = ['Cache-Status', 'gantry; fwd=request'];
const BYPASS = ['Cache-Status', 'gantry; fwd=bypass'];
