/** What the client says to the cache (RFC 9111, 5.2.1) and what it is told of it (RFC 9211). */
import type { IncomingHttpHeaders } from 'node:http';
import { CACHE_AS_CONFIGURED, type CacheDirective, type CacheOutcome } from '../dataplane/index.js';

/** A directive, with what follows its equals sign, a quoted string or not. Source: RFC 9111, 5.2; RFC 9110, 5.6. */
const DIRECTIVE = /[\s,]*([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?[^,]*(?:,|$)/gy;

/** Longer lifetimes are all the same. Source: RFC 9111, 1.2.2. */
const LONGEST_SECONDS = 2 ** 31;

/**
 * `no-store` takes nothing from the cache either, which a cache may do. What is unknown, and `max-stale` and
 * `only-if-cached`, means nothing: nothing stale is ever given, and a prediction can always be made.
 */
export function cacheDirective(headers: IncomingHttpHeaders): CacheDirective {
  const header = headers['cache-control'];
  if (header === undefined || header === '') return CACHE_AS_CONFIGURED;
  let directive: CacheDirective = CACHE_AS_CONFIGURED;
  for (const [, name = '', quoted, bare] of header.matchAll(DIRECTIVE)) {
    switch (name.toLowerCase()) {
      case 'no-store':
        directive = { ...directive, read: false, store: false };
        break;
      case 'no-cache':
        directive = { ...directive, read: false };
        break;
      case 'max-age':
        directive = { ...directive, maxAgeSeconds: least(directive.maxAgeSeconds, quoted ?? bare) };
        break;
      case 'min-fresh':
        directive = { ...directive, minFreshSeconds: seconds(quoted ?? bare) ?? LONGEST_SECONDS };
        break;
    }
  }
  // Not the same object: who says anything about the cache is looked up.
  return { ...directive };
}

/** The stricter of two; what is no number of seconds allows no age at all. */
function least(before: number | undefined, text: string | undefined): number {
  return Math.min(before ?? Infinity, seconds(text) ?? 0);
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), LONGEST_SECONDS) : undefined;
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
