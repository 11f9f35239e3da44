import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type CacheEntry,
  MemoryCache,
  type PredictionCache,
  TwoTierCache,
} from '../../../src/serving/cache/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

/** A far tier that counts what it is asked. */
function setUp({ roundTripMs, modelMs }: { roundTripMs: number | undefined; modelMs: number }) {
  const clock = new VirtualClock();
  const shelf = new MemoryCache(1 << 24, clock);
  const asked = { gets: 0, sets: 0 };
  const far: PredictionCache = {
    get: async (key) => {
      asked.gets++;
      return shelf.get(key);
    },
    set: (key, entry) => {
      asked.sets++;
      shelf.set(key, entry);
    },
    close: async () => {},
  };
  const pod = () =>
    new TwoTierCache({
      near: new MemoryCache(1 << 24, clock),
      far,
      clock,
      roundTripMs: () => roundTripMs,
      modelMs: () => modelMs,
      runMs: modelMs,
    });
  return { asked, pod };
}

const entry: CacheEntry = { value: new Uint8Array(8), storedAt: 0, expiresAt: Infinity };
const keyOf = (input: number) => createHash('sha256').update(String(input)).digest('base64url');

async function predict(pod: PredictionCache, input: number): Promise<boolean> {
  const key = keyOf(input);
  if ((await pod.get(key)) !== undefined) return true;
  pod.set(key, entry);
  return false;
}

describe('memory over Redis', () => {
  it.each([
    ['its round trip is not known', undefined, 50],
    ['the model is quicker than it', 2, 1],
  ])('asks nothing of Redis while %s', async (_why, roundTripMs, modelMs) => {
    const { asked, pod } = setUp({ roundTripMs, modelMs });
    const one = pod();
    for (let input = 0; input < 100; input++) await predict(one, input);
    expect(asked).toEqual({ gets: 0, sets: 0 });
  });

  it('asks ever less of it for inputs that never repeat, when asking is a part of the model that counts', async () => {
    const { asked, pod } = setUp({ roundTripMs: 0.2, modelMs: 1 });
    const one = pod();
    for (let input = 0; input < 60_000; input++) await predict(one, input);
    const before = { ...asked };
    for (let input = 60_000; input < 70_000; input++) await predict(one, input);
    expect(asked.gets - before.gets).toBeLessThan(100);
    expect(asked.sets - before.sets).toBe(asked.gets - before.gets);
  });

  it('asks for everything again once another pod has what it is asked for', async () => {
    const { asked, pod } = setUp({ roundTripMs: 0.2, modelMs: 1 });
    const [one, other] = [pod(), pod()];
    for (let input = 0; input < 20_000; input++) await predict(one, input);
    for (let input = 100_000; input < 100_250; input++) await predict(other, input);
    for (let input = 100_000; input < 100_250; input++) await predict(one, input);
    const before = asked.gets;
    for (let input = 200_000; input < 200_010; input++) await predict(one, input);
    expect(asked.gets - before).toBe(10);
  });

  it('asks for everything always, when the model takes far longer', async () => {
    const { asked, pod } = setUp({ roundTripMs: 0.2, modelMs: 40 });
    const one = pod();
    for (let input = 0; input < 2_000; input++) await predict(one, input);
    expect(asked).toEqual({ gets: 2_000, sets: 2_000 });
  });
});
