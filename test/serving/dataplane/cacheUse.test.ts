import { describe, expect, it } from '@jest/globals';
import { CacheUse } from '../../../src/serving/dataplane/cacheUse.js';

function lookupsOf(use: CacheUse, requests: number, hit: boolean): number {
  let lookups = 0;
  for (let i = 0; i < requests; i++) {
    if (!use.wanted()) continue;
    lookups++;
    use.record(hit);
  }
  return lookups;
}

describe('the use of a cache', () => {
  it('falls to a sample when a cheap model is never asked the same twice', () => {
    const use = new CacheUse(true);
    lookupsOf(use, 1000, false);
    expect(lookupsOf(use, 1600, false)).toBe(100);
  });

  it('comes back with the first hit', () => {
    const use = new CacheUse(true);
    lookupsOf(use, 1000, false);
    lookupsOf(use, 16, true);
    expect(lookupsOf(use, 100, true)).toBe(100);
  });

  it('is never given up for a model that takes long', () => {
    const use = new CacheUse(false);
    lookupsOf(use, 5000, false);
    expect(lookupsOf(use, 100, false)).toBe(100);
  });
});
