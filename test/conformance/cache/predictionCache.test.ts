/** Every adapter of the cache port keeps the same promises. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '../../../src/base/index.js';
import {
  type CacheEntry,
  MemoryCache,
  type PredictionCache,
  RedisCache,
  RedisConnection,
  TwoTierCache,
} from '../../../src/serving/cache/index.js';
import { type RedisOptions } from '../../../src/serving/index.js';
import { redisTarget, startRedis } from '../../support/redis.js';
import {
  startCluster,
  startSentinel,
  startTls,
  startWithUser,
  type TestTopology,
} from '../../support/redisTopologies.js';

const topologies: Readonly<Record<string, () => Promise<TestTopology>>> = {
  Redis: startRedis,
  'Redis Cluster': startCluster,
  'Redis named by Sentinel': startSentinel,
  'Redis over TLS': startTls,
  'Redis with a user of few rights': startWithUser,
};

const started: Record<string, TestTopology> = {};
beforeAll(async () => {
  await Promise.all(
    Object.entries(topologies).map(async ([name, start]) => {
      started[name] = await start();
    }),
  );
}, 60_000);
afterAll(async () => void (await Promise.all(Object.values(started).map((topology) => topology.stop()))));

let instance = 0;
async function connectedTo(name: string): Promise<RedisCache> {
  const prefix = `gantry:test${instance++}:`;
  const { url, ca } = started[name] as TestTopology;
  const redis: RedisOptions = { target: redisTarget(url), ...(ca === undefined ? {} : { ca }) };
  const connection = new RedisConnection({
    ...redis,
    deadlineMs: 1_000,
    clock: systemClock,
    logger: silentLogger,
  });
  await until(() => connection.isReady);
  return new RedisCache({ redis: connection, prefix, clock: systemClock });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const memory = () => new MemoryCache(1 << 20, systemClock);
const adapters: Readonly<Record<string, () => Promise<PredictionCache>>> = {
  memory: async () => memory(),
  ...Object.fromEntries(Object.keys(topologies).map((name) => [name, () => connectedTo(name)])),
  'two tiers': async () =>
    new TwoTierCache({
      near: memory(),
      far: await connectedTo('Redis'),
      clock: systemClock,
      roundTripMs: () => 1,
      modelMs: () => 10,
      runMs: 10,
    }),
};

const entryOf = (text: string, seconds = 60): CacheEntry => {
  const storedAt = Date.now();
  return { value: Buffer.from(text), storedAt, expiresAt: storedAt + seconds * 1000 };
};

describe.each(Object.entries(adapters))('the %s cache', (_name, open) => {
  let cache: PredictionCache;
  beforeEach(async () => {
    cache = await open();
  });
  afterEach(() => cache.close());

  const read = async (key: string) => {
    const hit = await cache.get(key);
    return hit === undefined ? undefined : Buffer.from(hit.value).toString();
  };
  const stored = (key: string, text: string) => until(async () => (await read(key)) === text);

  it('misses what was never stored', async () => {
    expect(await read('nothing')).toBeUndefined();
  });

  it('gives back the bytes and the time they were stored', async () => {
    const entry = {
      ...entryOf(''),
      value: Uint8Array.from([0, 255, 10, 13, 128]),
      storedAt: Date.now() - 1234,
    };
    cache.set('key', entry);
    await until(async () => (await cache.get('key')) !== undefined);
    const hit = await cache.get('key');
    expect([...(hit?.value ?? [])]).toEqual([0, 255, 10, 13, 128]);
    expect([hit?.storedAt, hit?.expiresAt]).toEqual([entry.storedAt, entry.expiresAt]);
  });

  it('keeps keys apart, and the newest of what was stored under one', async () => {
    cache.set('a', entryOf('first'));
    cache.set('b', entryOf('other'));
    await stored('a', 'first');
    cache.set('a', entryOf('second'));
    await stored('a', 'second');
    await stored('b', 'other');
  });

  it('stores an empty value', async () => {
    cache.set('empty', entryOf(''));
    await stored('empty', '');
  });

  it('forgets an entry after its lifetime', async () => {
    cache.set('short', entryOf('x', 1));
    await stored('short', 'x');
    await until(async () => (await read('short')) === undefined);
  });

  it('does not keep more of a buffer alive than the value', async () => {
    const large = Buffer.from('xxxxvaluexxxx');
    cache.set('view', { ...entryOf(''), value: large.subarray(4, 9) });
    await stored('view', 'value');
  });

  it('misses after it was closed, without an error', async () => {
    cache.set('k', entryOf('v'));
    await cache.close();
    expect(await read('k')).toBeUndefined();
    cache.set('k', entryOf('v'));
  });
});
