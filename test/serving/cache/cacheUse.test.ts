import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CacheUse } from '../../../src/serving/cache/index.js';

/** Pays from three hits in ten on. */
const CHEAP = { missMs: 0.07, bytes: 64 };
const SLOW = { missMs: 5, bytes: 64 };

/** Lookups of so many requests; `hits` says whether the one with this number hits. */
function lookupsOf(
  use: CacheUse,
  requests: number,
  hits: (request: number) => boolean,
  { missMs, bytes } = CHEAP,
): number {
  let lookups = 0;
  for (let request = 0; request < requests; request++) {
    if (!use.wanted(missMs, bytes)) continue;
    lookups++;
    use.record(hits(request));
  }
  return lookups;
}

const never = () => false;
const always = () => true;
const cheap = () => new CacheUse(0.03);

describe('the use of a cache', () => {
  it('falls to a sample when a cheap model is never asked the same twice, and the sample becomes rarer', () => {
    const use = cheap();
    expect(lookupsOf(use, 256, never)).toBe(256);
    expect(lookupsOf(use, 1_024, never)).toBe(64);
    expect(lookupsOf(use, 2_048, never)).toBe(64);
    lookupsOf(use, 200_000, never);
    expect(lookupsOf(use, 102_400, never)).toBe(100);
  });

  it('looks everything up again from the first hit on', () => {
    const use = cheap();
    lookupsOf(use, 100_000, never);
    lookupsOf(use, 1_024, always);
    expect(lookupsOf(use, 1_000, always)).toBe(1_000);
  });

  it('notices within moments that inputs have begun to repeat, and in the end looks every one of them up', () => {
    for (const distinct of [1, 100, 2_000]) {
      const use = cheap();
      lookupsOf(use, 200_000, never);
      const stored = new Set<number>();
      const hits = (request: number) => {
        const input = (request * 7919) % distinct;
        const hit = stored.has(input);
        stored.add(input);
        return hit;
      };
      lookupsOf(use, 200_000, hits);
      expect(lookupsOf(use, 1_000, hits)).toBe(1_000);
    }
  });

  it('goes back to the rare sample after a hit that was an exception', () => {
    const use = cheap();
    lookupsOf(use, 100_000, never);
    let left = 1;
    expect(lookupsOf(use, 256_000, () => left-- > 0)).toBeLessThan(256 + 1_010);
  });

  it('is given up below the share of hits at which it pays, and kept above', () => {
    const share = (of: number) => (request: number) => request % 100 < of;
    const [below, above] = [cheap(), cheap()];
    lookupsOf(below, 256, share(20));
    lookupsOf(above, 256, share(40));
    expect(lookupsOf(below, 10, never)).toBe(0);
    expect(lookupsOf(above, 10, never)).toBe(10);
  });

  it('is never given up where lookups are a small part of what the model takes', () => {
    const use = cheap();
    expect(lookupsOf(use, 5_000, never, SLOW)).toBe(5_000);
    lookupsOf(use, 5_000, never, CHEAP);
    expect(lookupsOf(use, 100, never, SLOW)).toBe(100);
  });

  it('falls to a sample where the input is so large that its hash is a part that counts', () => {
    const use = cheap();
    const image = { ...SLOW, bytes: 602_112 };
    expect(lookupsOf(use, 256 + 1_024, never, image)).toBe(256 + 64);
    expect(lookupsOf(use, 100, never, { ...image, missMs: 50 })).toBe(100);
  });

  it('samples keys where there are keys: always the same ones, evenly', () => {
    const use = cheap();
    lookupsOf(use, 256, never);
    const keys = Array.from({ length: 4_000 }, (_, i) =>
      createHash('sha256').update(String(i)).digest('base64url'),
    );
    const sampled = () => keys.filter((key) => use.wantsKey(CHEAP.missMs, key));
    const first = sampled();
    expect(first.length).toBeGreaterThan(180);
    expect(first.length).toBeLessThan(320);
    expect(sampled()).toEqual(first);
    expect(keys.filter((key) => use.wantsKey(SLOW.missMs, key))).toHaveLength(keys.length);
  });
});
