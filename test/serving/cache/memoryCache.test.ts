import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryCache } from '../../../src/serving/cache/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

const entry = (bytes: number) => ({ value: new Uint8Array(bytes), storedAt: 0, expiresAt: Infinity });

/** What a slot of `bytes` under a one-letter key counts. */
function cost(bytes: number): number {
  const cache = new MemoryCache(1 << 20, new VirtualClock());
  cache.set('k', entry(bytes));
  return cache.bytes;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe('the in-process cache', () => {
  it('lets the least recently used go first, and never holds more than its bound', () => {
    const letter = fc.constantFrom(...'abcdefghijklmnop');
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key: letter, bytes: fc.nat(400) }),
      fc.record({ do: fc.constant('get' as const), key: letter }),
      fc.record({ do: fc.constant('drop' as const), key: letter }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const max = 10 * cost(0);
        const cache = new MemoryCache(max, new VirtualClock());
        /** Oldest first. */
        let model: { key: string; bytes: number }[] = [];
        for (const one of steps) {
          const at = model.find(({ key }) => key === one.key);
          if (one.do === 'get') expect(cache.get(one.key) !== undefined).toBe(at !== undefined);
          if (one.do === 'set') cache.set(one.key, entry(one.bytes));
          if (one.do === 'drop') expect(cache.drop(one.key)).toBe(at === undefined ? 0 : 1);
          model = model.filter(({ key }) => key !== one.key);
          if (one.do === 'set' && cost(one.bytes) <= max / 8) model.push({ key: one.key, bytes: one.bytes });
          if (one.do === 'get' && at !== undefined) model.push(at);
          const total = () => model.reduce((sum, { bytes }) => sum + cost(bytes), 0);
          while (total() > max) model.shift();
          expect([cache.entries, cache.bytes]).toEqual([model.length, total()]);
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('goes within a smaller bound at once', () => {
    const cache = new MemoryCache(64 * cost(100), new VirtualClock());
    for (const key of 'abcdefgh') cache.set(key, entry(100));
    cache.limitTo(3 * cost(100));
    expect(cache.entries).toBe(3);
    expect([...'abcdefgh'].filter((key) => cache.get(key) !== undefined)).toEqual(['f', 'g', 'h']);
  });

  it('drops what begins with a prefix and nothing else', () => {
    const cache = new MemoryCache(1 << 16, new VirtualClock());
    for (const key of ['m:1:a', 'm:1:b', 'm:10:a', 'n:1:a']) cache.set(key, entry(1));
    expect(cache.drop('m:1:')).toBe(2);
    expect(['m:1:a', 'm:10:a', 'n:1:a'].map((key) => cache.get(key) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('grows by nothing but what it counts, however often entries are used, stored anew or pushed out', () => {
    const cache = new MemoryCache(500 * cost(8), new VirtualClock());
    const keys = Array.from({ length: 600 }, (_, i) => `key ${i}`);
    const use = (times: number) => {
      for (let i = 0; i < times; i++) {
        const key = keys[(i * 7) % 400] as string;
        if (i % 20 === 0) cache.set(keys[(i * 11) % 600] as string, entry(8));
        cache.get(key);
      }
    };
    for (const key of keys) cache.set(key, entry(8));
    use(20_000);
    const before = heapBytes();
    for (let i = 0; i < 400_000; i++) cache.get(keys[100 + (i % 400)] as string);
    expect(heapBytes() - before).toBeLessThan(500_000);
    use(400_000);
    expect(heapBytes() - before).toBeLessThan(500_000);
  });
});
