/** The whole server over each kind of Redis: pods share, purge, and outlive what happens to it. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../src/base/index.js';
import type { ServerOptions } from '../../../src/serving/index.js';
import { ask, Changing, eventually, purge, share } from '../../support/changingModel.js';
import { redisTarget, startRedis } from '../../support/redis.js';
import {
  PASSWORD,
  startCluster,
  startSentinel,
  startTls,
  startWithUser,
  type TestTopology,
} from '../../support/redisTopologies.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
});

async function started<T extends TestTopology>(start: () => Promise<T>): Promise<T> {
  const topology = await start();
  stopping.push(() => topology.stop());
  return topology;
}

async function serve(
  model: Changing,
  { url, ca }: Pick<TestTopology, 'url' | 'ca'>,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const server = await serveModels(
    { 'm/1': Buffer.from('one') },
    {
      runtime: model,
      redis: { target: redisTarget(url), ...(ca === undefined ? {} : { ca }) },
      ...options,
      config: { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 } },
    },
  );
  stopping.push(() => server.stop());
  return server;
}

/** A logger that keeps its lines. */
function listening(lines: string[]): Logger {
  const keep = (...parts: unknown[]) => void lines.push(JSON.stringify(parts));
  const logger: Logger = {
    debug: keep,
    info: keep,
    warn: keep,
    error: keep,
    fatal: keep,
    child: () => logger,
  };
  return logger;
}

describe.each<[string, () => Promise<TestTopology>]>([
  ['a Cluster', startCluster],
  ['a master named by Sentinel', startSentinel],
  ['TLS', startTls],
  ['a user of few rights and a password full of signs', startWithUser],
])('over %s', (_name, start) => {
  it('pods share what they compute, and a purge reaches them', async () => {
    const topology = await started(start);
    const model = new Changing();
    const [one, other] = [await serve(model, topology), await serve(model, topology)];
    const fresh = { value: 10 };
    await share(one, other, fresh);
    // Keys of every node of a Cluster.
    for (let x = 20; x < 32; x++) await ask(one, x);
    await eventually(async () => expect((await ask(other, 31)).cache).toContain('hit'));
    model.says = 5;
    const { body } = await purge(one, 'm');
    expect(body).toMatchObject({ redis: 'purged' });
    expect((body.purged as { redis_entries: number }[])[0]?.redis_entries).toBeGreaterThanOrEqual(12);
    await eventually(async () => expect(await ask(other, 20)).toMatchObject({ y: 5 }));
    await share(one, other, fresh);
  }, 60_000);
});

/** Predictions one after another while `happen` goes on; each must be right. */
async function predictWhile(server: TestServer, happen: () => Promise<void>): Promise<number> {
  const state = { over: false };
  const happening = happen().finally(() => (state.over = true));
  let asked = 0;
  for (let x = 40; !state.over; x = 40 + ((x + 1) % 50)) {
    expect(await ask(server, x, '1', asked++ % 2 === 0 ? {} : { 'cache-control': 'no-cache' })).toMatchObject(
      { y: 1 },
    );
  }
  await happening;
  return asked;
}

describe('when a master dies in use', () => {
  it('of Sentinels, no prediction fails, the replica takes over, and a purge from before it holds', async () => {
    const topology = await started(startSentinel);
    const model = new Changing();
    const [one, other] = [await serve(model, topology), await serve(model, topology)];
    const fresh = { value: 10 };
    await share(one, other, fresh);
    expect((await purge(one, 'm')).body).toMatchObject({ redis: 'purged' });
    const asked = await predictWhile(one, async () => {
      await topology.master.kill();
      await share(one, other, fresh);
    });
    expect(asked).toBeGreaterThan(10);
    expect((await purge(other, 'm')).body).toMatchObject({ redis: 'purged' });
  }, 60_000);

  it('of a Cluster, no prediction fails, and pods share again when it is back', async () => {
    const topology = await started(startCluster);
    const model = new Changing();
    const [one, other] = [await serve(model, topology), await serve(model, topology)];
    const fresh = { value: 10 };
    await share(one, other, fresh);
    const [node] = topology.nodes;
    await predictWhile(one, async () => {
      await node?.kill();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await node?.restart();
      await share(one, other, fresh);
    });
  }, 60_000);
});

describe('a Redis that lets nobody in', () => {
  it.each<[string, () => Promise<Pick<TestTopology, 'url' | 'ca'>>, RegExp]>([
    [
      'for a wrong password',
      async () => {
        const { url } = await started(startWithUser);
        return { url: url.replace(':p%40', `:wrong-${encodeURIComponent(PASSWORD)}`) };
      },
      /WRONGPASS/,
    ],
    [
      'for want of any password',
      async () => started(() => startRedis(['--requirepass', PASSWORD])),
      /NOAUTH/,
    ],
    [
      'for a certificate of an authority it is not told of',
      async () => ({ url: (await started(startTls)).url }),
      /self-signed|unable to (verify|get)/i,
    ],
  ])(
    '%s: one line says why, without the password, and predictions go on',
    async (_name, topology, reason) => {
      const lines: string[] = [];
      const server = await serve(new Changing(), await topology(), { logger: listening(lines) });
      await eventually(() =>
        expect(lines.filter((line) => line.includes('Redis does not answer'))).toHaveLength(1),
      );
      expect(await ask(server, 1)).toMatchObject({ y: 1 });
      const log = lines.join('\n');
      expect(log).toMatch(reason);
      expect(log).not.toContain(PASSWORD);
      expect(log).not.toContain('wrong-');
    },
    30_000,
  );
});
