/** Redis killed, hung, full, slow to appear or answering garbage: every prediction is still answered, and right. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from '@jest/globals';
import { problem, ProblemError } from '../../../src/base/index.js';
import type { FakeModel, Runtime } from '../../../src/serving/runtime/index.js';
import { freePort, redisTarget, startRedis, type TestRedis } from '../../support/redis.js';
import { serveModels, type TestServer } from '../../support/serving.js';

/** Slower than Redis, so that Redis is worth asking: y = 2 x after 30 ms. */
const slowModel: FakeModel = {
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  },
  lanes: 8,
  async compute(inputs) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const x = inputs.get('x');
    if (x === undefined) throw new ProblemError(problem('ModelFailed', '', 'no input'));
    return [{ ...x, name: 'y', data: (x.data as Float32Array).map((value) => value * 2) }];
  },
};

const runtime: Runtime = {
  load: async () => ({
    signature: slowModel.signature,
    lanes: 8,
    run: async (inputs) => slowModel.compute(new Map(inputs.map((input) => [input.name, input]))),
    release: async () => {},
  }),
};

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
});

async function serve(redisUrl: string): Promise<TestServer> {
  const config = { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 } };
  const server = await serveModels(
    { 'slow/1': Buffer.from('fake') },
    {
      runtime,
      redis: { target: redisTarget(redisUrl) },
      config,
    },
  );
  stopping.push(() => server.stop());
  return server;
}

async function redis(flags: readonly string[] = []): Promise<TestRedis> {
  const started = await startRedis(flags);
  stopping.push(() => started.stop());
  return started;
}

async function ask(server: TestServer, value: number): Promise<string> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [value] }] });
  const response = await fetch(`${server.url}/v2/models/slow/infer`, { method: 'POST', body });
  expect(response.status).toBe(200);
  const answer = (await response.json()) as { outputs: { data: number[] }[] };
  expect(answer.outputs[0]?.data).toEqual([value * 2]);
  return response.headers.get('cache-status') ?? '';
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 8_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true within 8 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let fresh = 1000;
/** Whether what `from` computes reaches `to` through Redis. */
async function shares(from: TestServer, to: TestServer): Promise<boolean> {
  const value = fresh++;
  await ask(from, value);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return (await ask(to, value)).includes('hit');
}

describe('with Redis', () => {
  it('one pod answers from what another computed', async () => {
    const { url } = await redis();
    const [one, other] = [await serve(url), await serve(url)];
    await until(() => shares(one, other));
    const value = fresh++;
    await ask(one, value);
    await until(async () => (await ask(other, value)) !== '');
    expect(await ask(other, value)).toMatch(/^gantry; hit; ttl=\d+; detail=(memory|redis)$/);
  }, 20_000);

  it('killed and back again, nothing fails, and the pods share again', async () => {
    const store = await redis();
    const [one, other] = [await serve(store.url), await serve(store.url)];
    await until(() => shares(one, other));
    await store.kill();
    for (let i = 0; i < 10; i++) await ask(one, fresh++);
    await store.restart();
    await until(() => shares(one, other));
  }, 30_000);

  it('hung, nothing fails, and after a few late answers nobody waits', async () => {
    const store = await redis();
    const [server, other] = [await serve(store.url), await serve(store.url)];
    await until(() => shares(server, other));
    store.hang();
    try {
      for (let i = 0; i < 10; i++) await ask(server, fresh++);
      expect(await (await fetch(`${server.metricsUrl}/metrics`)).text()).toMatch(
        /^gantry_redis_circuit_open 1$/m,
      );
    } finally {
      store.resume();
    }
  }, 20_000);

  it('never reached, the metrics tell that predictions go on without it', async () => {
    const server = await serve('redis://127.0.0.1:1');
    await ask(server, fresh++);
    expect(await (await fetch(`${server.metricsUrl}/metrics`)).text()).toMatch(
      /^gantry_redis_circuit_open 1$/m,
    );
  }, 20_000);

  it('without the database that is named, no other one is used', async () => {
    const { url } = await redis();
    const server = await serve(`${url}/99`);
    for (let i = 0; i < 5; i++) {
      await ask(server, fresh++);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await (await fetch(`${server.metricsUrl}/metrics`)).text()).toMatch(
      /^gantry_redis_circuit_open 1$/m,
    );
    const client = new Redis(url);
    expect(await client.dbsize()).toBe(0);
    client.disconnect();
  }, 20_000);

  it('full, nothing fails', async () => {
    const { url } = await redis(['--maxmemory', '1', '--maxmemory-policy', 'noeviction']);
    const server = await serve(url);
    for (let i = 0; i < 5; i++) await ask(server, fresh++);
  }, 20_000);

  it('absent, nothing fails', async () => {
    const server = await serve(`redis://127.0.0.1:${await freePort()}`);
    const value = fresh++;
    expect(await ask(server, value)).toBe('gantry; fwd=miss; stored');
    expect(await ask(server, value)).toMatch(/detail=memory/);
  }, 20_000);

  it.each([
    ['garbage', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a lie', '+PONG\r\n$5\r\nwrong\r\n$-1\r\n*2\r\n:1\r\n:2\r\n'],
  ])(
    'that talks %s, nothing fails',
    async (_what, answer) => {
      const liar = createServer((socket) => {
        stopping.push(async () => void socket.destroy());
        socket.on('data', () => socket.write(answer));
        socket.on('error', () => {});
      }).listen(0, '127.0.0.1');
      await once(liar, 'listening');
      const address = liar.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const server = await serve(`redis://127.0.0.1:${address.port}`);
      stopping.push(async () => void liar.close());
      for (let i = 0; i < 10; i++) await ask(server, fresh++);
    },
    20_000,
  );
});
