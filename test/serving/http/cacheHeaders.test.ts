/** The cache's headers, rule by rule: RFC 9111 (Cache-Control, Age), RFC 9211 (Cache-Status). */
import { describe, expect, it } from '@jest/globals';
import { CACHE_AS_CONFIGURED, type CacheOutcome } from '../../../src/serving/dataplane/index.js';
import { cacheDirective, cacheHeaders } from '../../../src/serving/http/cacheHeaders.js';

const asConfigured = { read: true, store: true };

describe('Cache-Control of a request', () => {
  it.each([undefined, ''])('%j is the cache as it is configured', (header) => {
    expect(cacheDirective({ 'cache-control': header })).toBe(CACHE_AS_CONFIGURED);
  });

  it.each<[string, object]>([
    // 5.2.1.4 and 5.2.1.5
    ['no-cache', { read: false, store: true }],
    ['no-store', { read: false, store: false }],
    ['no-store, no-cache', { read: false, store: false }],
    ['no-cache, no-store', { read: false, store: false }],
    // 5.2: names regardless of case; 5.6.1 of RFC 9110: lists with empty elements and any white space
    ['NO-Cache', { read: false, store: true }],
    [' , ,no-cache ,', { read: false, store: true }],
    ['max-age=5\t,no-cache', { read: false, store: true, maxAgeSeconds: 5 }],
    // 5.2.1.1, 5.2.1.3; 5.2: an argument as a token or as a quoted string
    ['max-age=0', { ...asConfigured, maxAgeSeconds: 0 }],
    ['max-age=30', { ...asConfigured, maxAgeSeconds: 30 }],
    ['max-age="30"', { ...asConfigured, maxAgeSeconds: 30 }],
    ['min-fresh=20', { ...asConfigured, minFreshSeconds: 20 }],
    // 4.2.1: given twice, the stricter; 1.2.2: what does not fit is 2^31
    ['max-age=30, max-age=10', { ...asConfigured, maxAgeSeconds: 10 }],
    ['max-age=10, max-age=30', { ...asConfigured, maxAgeSeconds: 10 }],
    ['max-age=99999999999999999999', { ...asConfigured, maxAgeSeconds: 2 ** 31 }],
    // No number of seconds: nothing that was stored will do
    ['max-age', { ...asConfigured, maxAgeSeconds: 0 }],
    ['max-age=-1', { ...asConfigured, maxAgeSeconds: 0 }],
    ['max-age=1.5', { ...asConfigured, maxAgeSeconds: 0 }],
    // 5.2.3: what is not known is ignored, whatever it looks like
    ['no-cache-please', asConfigured],
    ['x-no-store', asConfigured],
    ['extension="a, no-cache, \\" no-store"', asConfigured],
    ['community="UCI", no-cache', { read: false, store: true }],
    ['max-stale=100, only-if-cached, no-transform', asConfigured],
    ['s-max-age=3', asConfigured],
    ['"no-cache"', asConfigured],
  ])('%j', (header, expected) => {
    expect(cacheDirective({ 'cache-control': header })).toEqual(expected);
  });

  it('of any length is read in no time', () => {
    for (const part of ['a="', ',', 'a=', ' ', '"\\']) {
      expect(cacheDirective({ 'cache-control': part.repeat(8_000) })).toEqual(asConfigured);
    }
  });
});

/** RFC 9211, 2: a list of tokens with parameters, of which these are known. */
const MEMBER = /^gantry(; (hit|stored|collapsed|fwd=(bypass|miss|request)|ttl=-?\d+|detail=[a-z]+))+$/;

describe('Cache-Status and Age of an answer', () => {
  it.each<[CacheOutcome, string, string | undefined]>([
    [
      { kind: 'hit', tier: 'memory', ageSeconds: 3, ttlSeconds: 57 },
      'gantry; hit; ttl=57; detail=memory',
      '3',
    ],
    [{ kind: 'hit', tier: 'redis', ageSeconds: 0, ttlSeconds: 60 }, 'gantry; hit; ttl=60; detail=redis', '0'],
    [{ kind: 'miss', stored: true, collapsed: false }, 'gantry; fwd=miss; stored', undefined],
    [{ kind: 'miss', stored: false, collapsed: false }, 'gantry; fwd=miss', undefined],
    [{ kind: 'miss', stored: false, collapsed: true }, 'gantry; fwd=miss; collapsed', undefined],
    [{ kind: 'refused-by-request', stored: true }, 'gantry; fwd=request; stored', undefined],
    [{ kind: 'refused-by-request', stored: false }, 'gantry; fwd=request', undefined],
    [{ kind: 'bypass' }, 'gantry; fwd=bypass', undefined],
  ])('%j', (outcome, status, age) => {
    const headers = cacheHeaders(outcome);
    const named = Object.fromEntries(
      headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : [])),
    );
    expect(named).toEqual({ 'Cache-Status': status, ...(age === undefined ? {} : { Age: age }) });
    expect(status).toMatch(MEMBER);
    // 2.1 and 2.2: either of them, and only what was forwarded is stored or collapsed.
    expect(/; hit/.test(status)).toBe(!/; fwd=/.test(status));
    if (/; hit/.test(status)) expect(status).not.toMatch(/stored|collapsed/);
  });
});
