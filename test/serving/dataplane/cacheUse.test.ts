import { describe, expect, it } from '@jest/globals';
import { CacheUse } from '../../../src/serving/dataplane/cacheUse.js';

const CHEAP = { missMs: 0.03, bytes: 64 };
const SLOW = { missMs: 5, bytes: 64 };

function lookupsOf(use: CacheUse, requests: number, hit: boolean, { missMs, bytes } = CHEAP): number {
  let lookups = 0;
  for (let i = 0; i < requests; i++) {
    if (!use.wanted(missMs, bytes)) continue;
    lookups++;
    use.record(hit);
  }
  return lookups;
}

describe('the use of a cache', () => {
  it('falls to a sample when a cheap model is never asked the same twice', () => {
    const use = new CacheUse();
    lookupsOf(use, 1000, false);
    expect(lookupsOf(use, 1600, false)).toBe(100);
  });

  it('comes back with the first hit', () => {
    const use = new CacheUse();
    lookupsOf(use, 1000, false);
    lookupsOf(use, 16, true);
    expect(lookupsOf(use, 100, true)).toBe(100);
  });

  it('is never given up for a model that takes long', () => {
    const use = new CacheUse();
    lookupsOf(use, 5000, false, SLOW);
    expect(lookupsOf(use, 100, false, SLOW)).toBe(100);
  });

  it('falls to a sample where the input is so large that its hash is a part of the model that counts', () => {
    const use = new CacheUse();
    const image = { ...SLOW, bytes: 602_112 };
    lookupsOf(use, 1000, false, image);
    expect(lookupsOf(use, 1600, false, image)).toBe(100);
    expect(lookupsOf(use, 100, false, { ...image, missMs: 50 })).toBe(100);
  });
});
