/** What several pods are asked for at the same time is computed by one of them, and nobody is held by one that is gone. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '../../../src/base/index.js';
import { MemoryCache, RedisCache, RedisConnection, SharedFlights } from '../../../src/serving/cache/index.js';
import { ask, Changing, eventually, share } from '../../support/changingModel.js';
import { redisTarget, startRedis } from '../../support/redis.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
});

async function serve(runtime: Changing, url: string): Promise<TestServer> {
  const config = { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 } };
  const server = await serveModels(
    { 'm/1': Buffer.from('one') },
    { runtime, redis: { target: redisTarget(url) }, config },
  );
  stopping.push(() => server.stop());
  return server;
}

interface Pod {
  readonly flights: SharedFlights;
  readonly shared: RedisCache;
}

/** One pod's side, as the server has it; `holdMs` is three runs of the model, 50 at least. */
async function pod(url: string, { modelMs = 100, worth = true } = {}): Promise<Pod> {
  const clock = systemClock;
  const redis = new RedisConnection({
    target: redisTarget(url),
    deadlineMs: 1_000,
    clock,
    logger: silentLogger,
  });
  stopping.push(() => redis.close());
  await eventually(() => expect(redis.isReady).toBe(true));
  const shared = new RedisCache({ redis, prefix: 'gantry:test:', clock });
  const near = new MemoryCache(1 << 20, clock);
  const roundTripMs = () => (worth ? 1 : undefined);
  return { shared, flights: new SharedFlights({ shared, near, clock, roundTripMs, modelMs: () => modelMs }) };
}

async function redisUrl(): Promise<string> {
  const redis = await startRedis();
  stopping.push(() => redis.stop());
  return redis.url;
}

const later = (ms: number) => systemClock.monotonic() + ms;
const entry = () => ({ value: Buffer.from('answer'), storedAt: Date.now(), expiresAt: Date.now() + 60_000 });

describe('pods that share their flights', () => {
  it('answer many requests for one input with one run, and say that they were collapsed', async () => {
    const url = await redisUrl();
    const models = Array.from({ length: 3 }, () => new Changing(150));
    const pods = await Promise.all(models.map((model) => serve(model, url)));
    const [first, second, third] = pods as [TestServer, TestServer, TestServer];
    const fresh = { value: 10 };
    for (const [one, other] of [
      [first, second],
      [second, third],
      [third, first],
    ] as const)
      await share(one, other, fresh);
    const answers = await Promise.all(pods.flatMap((server) => [ask(server, 50), ask(server, 50)]));
    expect(answers.map(({ y }) => y)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(models.flatMap(({ computed }) => computed).filter((x) => x === 50)).toEqual([50]);
    expect(answers.map(({ cache }) => cache).sort()).toEqual([
      ...Array.from({ length: 5 }, () => 'gantry; fwd=miss; collapsed'),
      'gantry; fwd=miss; stored',
    ]);
  }, 30_000);

  it('let one compute, and give its answer to those who wait', async () => {
    const url = await redisUrl();
    const [one, other] = [await pod(url), await pod(url)];
    expect(await one.flights.find('k', later(5_000))).toBeUndefined();
    const waiting = other.flights.find('k', later(5_000));
    one.shared.set('k', entry());
    expect(Buffer.from((await waiting)?.value ?? []).toString()).toBe('answer');
  });

  it('go on as soon as the one who computes gives up', async () => {
    const url = await redisUrl();
    const [one, other] = [await pod(url, { modelMs: 60_000 }), await pod(url)];
    expect(await one.flights.find('k', later(60_000))).toBeUndefined();
    const waiting = other.flights.find('k', later(60_000));
    one.flights.release('k');
    expect(await waiting).toBeUndefined();
    // And it is the one who computes now.
    expect(await one.shared.look('k')).toBe('claimed');
  });

  it('wait for one that died no longer than the model takes three times, nor than half of what the request has left', async () => {
    const url = await redisUrl();
    const [died, other] = [await pod(url, { modelMs: 60_000 }), await pod(url, { modelMs: 30 })];
    await died.flights.find('k', later(60_000));
    // The claim itself holds for five seconds at most: these come back while it stands.
    expect(await other.flights.find('k', later(60_000))).toBeUndefined();
    const patient = await pod(url, { modelMs: 60_000 });
    expect(await patient.flights.find('k', later(100))).toBeUndefined();
    expect(await other.shared.look('k')).toBe('claimed');
    await eventually(async () => expect(await other.shared.look('k')).toBe('free'));
  }, 20_000);

  it('do so only where the model takes far longer than asking', async () => {
    const url = await redisUrl();
    expect((await pod(url, { modelMs: 11 })).flights.worthwhile()).toBe(true);
    expect((await pod(url, { modelMs: 9 })).flights.worthwhile()).toBe(false);
    expect((await pod(url, { worth: false })).flights.worthwhile()).toBe(false);
  });

  it('do not wait for an answer that is too large to be shared', async () => {
    const url = await redisUrl();
    const [one, other] = [await pod(url, { modelMs: 60_000 }), await pod(url, { modelMs: 60_000 })];
    await one.flights.find('k', later(60_000));
    const waiting = other.flights.find('k', later(60_000));
    one.shared.set('k', { ...entry(), value: new Uint8Array(2 << 20) });
    expect(await waiting).toBeUndefined();
  });
});
