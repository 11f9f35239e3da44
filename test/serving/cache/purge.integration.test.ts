/** A purge over HTTP: what it reaches, what it says, and that nothing purged comes back. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Runtime } from '../../../src/serving/runtime/index.js';
import type { Question } from '../../../src/serving/processes/index.js';
import type { ServerOptions } from '../../../src/serving/index.js';
import { ask, Changing, eventually, purge, share } from '../../support/changingModel.js';
import { redisTarget, startRedis, type TestRedis } from '../../support/redis.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
});

async function redis(): Promise<TestRedis> {
  const started = await startRedis();
  stopping.push(() => started.stop());
  return started;
}

async function serve(runtime: Runtime, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await serveModels(
    { 'm/1': Buffer.from('one'), 'm/2': Buffer.from('two') },
    {
      runtime,
      ...options,
      config: { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 }, ...options.config },
    },
  );
  stopping.push(() => server.stop());
  return server;
}

const overRedis = ({ url }: TestRedis): Partial<ServerOptions> => ({ redis: { target: redisTarget(url) } });

describe('without Redis', () => {
  it('drops one version, the answers remembered byte by byte included, and tells how many entries went', async () => {
    const model = new Changing();
    const server = await serve(model);
    for (const version of ['1', '2']) for (const x of [1, 2]) await ask(server, x, version);
    expect((await ask(server, 1)).cache).toContain('hit');
    model.says = 5;
    expect(await purge(server, 'm/versions/1')).toEqual({
      status: 200,
      // Each answer is there as tensors and as bytes.
      body: { name: 'm', purged: [{ version: '1', memory_entries: 4 }], redis: 'none' },
    });
    expect(await ask(server, 1)).toMatchObject({ y: 5, cache: expect.stringContaining('fwd=miss') });
    expect(await ask(server, 1, '2')).toMatchObject({ y: 1, cache: expect.stringContaining('hit') });
    expect((await purge(server, 'm')).body).toMatchObject({
      purged: [
        { version: '1', memory_entries: 2 },
        { version: '2', memory_entries: 4 },
      ],
    });
    expect(await ask(server, 1, '2')).toMatchObject({ y: 5 });
  });

  it('keeps nothing of an answer that was being computed', async () => {
    const model = new Changing();
    const server = await serve(model);
    const before = ask(server, 100);
    await eventually(() => expect(model.runs).toBe(1));
    await purge(server, 'm/versions/1');
    model.says = 5;
    model.finish();
    expect(await before).toMatchObject({ y: 1, cache: 'gantry; fwd=miss' });
    const after = ask(server, 100);
    await eventually(() => expect(model.runs).toBe(2));
    model.finish();
    expect(await after).toMatchObject({ y: 5, cache: 'gantry; fwd=miss; stored' });
  });

  it('knows no model or version that there is not, and says where the cache is turned off', async () => {
    const server = await serve(new Changing());
    expect((await purge(server, 'other')).status).toBe(404);
    expect((await purge(server, 'm/versions/9')).status).toBe(404);
    const off = await serve(new Changing(), {
      config: { cache: { enabled: false, ttlSeconds: 60, maxBytes: 0 } } as ServerOptions['config'],
    });
    expect(await purge(off, 'm')).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining('off') },
    });
  });
});

describe('in a pod of several processes', () => {
  it('every process drops the version and counts, whichever was asked', async () => {
    const model = new Changing();
    const [first, member] = [await serve(model), await serve(model)];
    // What ProcessGroup and Member do over their line.
    const askAll = (question: Question) =>
      Promise.all([first, member].map(({ server }) => server.answer(question)));
    const never = () => Promise.reject(new Error('not asked here'));
    for (const { server } of [first, member]) server.joinPod({ ask: askAll, order: never, borrow: never });
    for (const server of [first, member]) {
      await ask(server, 1);
      await ask(server, 2);
    }
    model.says = 5;
    expect((await purge(member, 'm/versions/1')).body).toMatchObject({ purged: [{ memory_entries: 8 }] });
    for (const server of [first, member]) expect(await ask(server, 1)).toMatchObject({ y: 5 });
  });
});

describe('with Redis', () => {
  it('drops the version in Redis, and in other pods within moments', async () => {
    const store = await redis();
    const model = new Changing();
    const [one, other] = [await serve(model, overRedis(store)), await serve(model, overRedis(store))];
    const fresh = { value: 10 };
    await share(one, other, fresh);
    await ask(one, 1, '2');
    await eventually(async () => expect((await ask(other, 1, '2')).cache).toContain('hit'));
    await ask(one, 1);
    await ask(other, 1);
    model.says = 5;
    const { status, body } = await purge(one, 'm/versions/1');
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'm', redis: 'purged', purged: [{ version: '1' }] });
    const [purged] = body.purged as { redis_entries: number }[];
    expect(purged?.redis_entries).toBeGreaterThan(1);
    expect(await ask(one, 1)).toMatchObject({ y: 5 });
    await eventually(async () => expect(await ask(other, 1)).toMatchObject({ y: 5 }));
    expect(await ask(other, 1, '2')).toMatchObject({ y: 1, cache: expect.stringContaining('hit') });
    await share(one, other, fresh);
  }, 30_000);

  it('an answer that another pod computes meanwhile does not come back', async () => {
    const store = await redis();
    const [model, elsewhere] = [new Changing(), new Changing()];
    const [one, other] = [await serve(model, overRedis(store)), await serve(elsewhere, overRedis(store))];
    await share(one, other, { value: 10 });
    const before = ask(other, 100);
    await eventually(() => expect(elsewhere.runs).toBe(1));
    await purge(one, 'm');
    elsewhere.finish();
    expect(await before).toMatchObject({ y: 1 });
    model.says = 5;
    const after = ask(one, 100);
    await eventually(() => expect(model.runs).toBe(1));
    model.finish();
    expect(await after).toMatchObject({ y: 5 });
  }, 30_000);

  it('out of reach, is told when it is back', async () => {
    const store = await redis();
    const model = new Changing();
    const [one, other] = [await serve(model, overRedis(store)), await serve(model, overRedis(store))];
    await share(one, other, { value: 10 });
    await ask(one, 1);
    await ask(other, 1);
    await store.kill();
    expect(await purge(one, 'm/versions/1')).toMatchObject({ status: 202, body: { redis: 'pending' } });
    model.says = 5;
    expect(await ask(one, 1)).toMatchObject({ y: 5 });
    expect(await ask(other, 1)).toMatchObject({ y: 1 });
    await store.restart();
    await eventually(async () => expect(await ask(other, 1)).toMatchObject({ y: 5 }));
  }, 30_000);

  it('that lost the purge when a replica took over, is put right', async () => {
    const store = await redis();
    const model = new Changing();
    const [one, other] = [await serve(model, overRedis(store)), await serve(model, overRedis(store))];
    await share(one, other, { value: 10 });
    await ask(one, 1);
    const before = await store.command('HGET', 'gantry:2:generations', 'm:1');
    await purge(one, 'm/versions/1');
    const after = await store.command('HGET', 'gantry:2:generations', 'm:1');
    expect(Number(after)).toBeGreaterThan(Number(before));
    await store.command('HSET', 'gantry:2:generations', 'm:1', String(before));
    await eventually(async () =>
      expect(Number(await store.command('HGET', 'gantry:2:generations', 'm:1'))).toBeGreaterThanOrEqual(
        Number(after),
      ),
    );
    await store.command('DEL', 'gantry:2:generations');
    await eventually(async () =>
      expect(Number(await store.command('HGET', 'gantry:2:generations', 'm:1'))).toBeGreaterThan(
        Number(after),
      ),
    );
  }, 30_000);
});

describe('who may', () => {
  it('is whose file says so, and nobody who has a token alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gantry-clients-'));
    stopping.push(() => rm(folder, { recursive: true, force: true }));
    const [trader, admin, narrow] = ['t'.repeat(32), 'a'.repeat(32), 'n'.repeat(32)];
    await writeFile(join(folder, 'trader'), trader);
    await writeFile(join(folder, 'admin'), JSON.stringify({ token: admin, rights: ['purge-cache'] }));
    await writeFile(
      join(folder, 'narrow'),
      JSON.stringify({ token: narrow, rights: ['purge-cache'], models: ['other'] }),
    );
    const server = await serve(new Changing(), { access: { clients: folder } });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await purge(server, 'm')).status).toBe(401);
    expect(await purge(server, 'm', as(trader))).toMatchObject({
      status: 403,
      body: { error: expect.stringContaining('purge-cache') },
    });
    expect((await purge(server, 'm', as(narrow))).status).toBe(403);
    expect((await purge(server, 'm', as(admin))).status).toBe(200);
  });
});
