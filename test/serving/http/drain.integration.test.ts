/** Shutting down without dropping a request, and clients that would hold a server. */
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Runtime } from '../../../src/serving/runtime/index.js';
import { linearModel } from '../../support/onnxModel.js';
import { openSocket, rawExchange } from '../../support/rawHttp.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const BODY = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }] });
const HEAD = `POST /v2/models/linear/infer HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n`;

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

async function serve(options: Parameters<typeof serveModels>[1] = {}): Promise<TestServer> {
  const server = await serveModels({ 'linear/1': linearModel(4) }, options);
  stopping.push(() => server.stop());
  return server;
}

/** A model whose runs wait until they are let go. */
function gated(): { runtime: Runtime; started: () => number; open: () => void } {
  const waiting: (() => void)[] = [];
  let started = 0;
  let isOpen = false;
  const x = { name: 'x', datatype: 'FP32', shape: [-1, 4] } as const;
  return {
    started: () => started,
    open: () => {
      isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
    runtime: {
      load: async () => ({
        signature: { inputs: [x], outputs: [{ ...x, name: 'y' }] },
        lanes: 4,
        async run(inputs) {
          // Warm-up comes first and is let through.
          if (started++ >= 0 && armed && !isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
          return inputs.map((input) => ({ ...input, name: 'y', data: (input.data as Float32Array).slice() }));
        },
        release: async () => {},
      }),
    },
  };
}
let armed = false;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('draining', () => {
  it('is not held up by a connection on which nothing ever came', async () => {
    const { server, url } = await serve();
    const socket = await openSocket(url);
    socket.on('error', () => {});
    stopping.pop();
    await server.drain({ lingerMs: 0, graceMs: 600_000 });
    socket.destroy();
  });

  it('answers what was accepted, closes kept connections after their answer, and refuses readiness meanwhile', async () => {
    armed = false;
    const gate = gated();
    const server = await serve({ runtime: gate.runtime });
    armed = true;
    const before = gate.started();
    const accepted = fetch(`${server.url}/v2/models/linear/infer`, { method: 'POST', body: BODY });
    const kept = await openSocket(server.url);
    kept.write('GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String((await once(kept, 'data'))[0])).not.toContain('Connection: close');
    await until(() => gate.started() > before);
    const drained = server.server.drain({ lingerMs: 300, graceMs: 5_000 });
    kept.write('GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n');
    const last = String((await once(kept, 'data'))[0]);
    expect(last).toMatch(/^HTTP\/1\.1 503 /);
    expect(last).toContain('Connection: close');
    await once(kept, 'close');
    gate.open();
    expect((await accepted).status).toBe(200);
    await drained;
    await expect(fetch(`${server.url}/v2/health/live`)).rejects.toThrow();
  });

  it('cuts what is left when the grace period is over', async () => {
    armed = false;
    const gate = gated();
    const server = await serve({ runtime: gate.runtime, config: { timeoutMs: 60_000 } });
    armed = true;
    const stuck = fetch(`${server.url}/v2/models/linear/infer`, { method: 'POST', body: BODY });
    stuck.catch(() => {});
    await until(() => gate.started() > 0);
    const drained = server.server.drain({ lingerMs: 0, graceMs: 100 });
    await expect(stuck).rejects.toThrow();
    gate.open();
    await drained;
  });
});

describe('a client', () => {
  it('that pipelines gets every answer, in order, whatever stands between', async () => {
    const server = await serve();
    const other = HEAD.replace('linear', 'nobody') + BODY;
    const answer = await rawExchange(
      server.url,
      HEAD +
        BODY +
        other +
        HEAD +
        BODY +
        'GET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => match[1])).toEqual([
      '200',
      '404',
      '200',
      '200',
    ]);
  });

  it('that sends its body a byte at a time is answered', async () => {
    const server = await serve();
    const socket = await openSocket(server.url);
    socket.write(HEAD);
    for (const byte of BODY) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('that goes away in the middle of its body leaves no memory taken', async () => {
    const server = await serve();
    const bytesHeld = async () =>
      /^gantry_http_body_bytes (\d+)$/m.exec(await (await fetch(`${server.metricsUrl}/metrics`)).text())?.[1];
    const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(server.url)));
    for (const socket of sockets) socket.write(HEAD + BODY.slice(0, 30));
    await until(async () => (await bytesHeld()) === '150');
    for (const socket of sockets) socket.destroy();
    await until(async () => (await bytesHeld()) === '0');
  });

  it('that asks for more than may wait is refused at once, with a time to come back', async () => {
    armed = false;
    const gate = gated();
    const server = await serve({
      runtime: gate.runtime,
      config: { queue: { maxRequests: 2 }, batching: { enabled: false, maxRows: 1 } },
    });
    armed = true;
    const before = gate.started();
    const ask = () => fetch(`${server.url}/v2/models/linear/infer`, { method: 'POST', body: BODY });
    const running = Array.from({ length: 4 }, ask);
    await until(() => gate.started() === before + 4);
    const waiting = [ask(), ask()];
    await until(async () =>
      /gantry_queue_length\{.*\} 2/.test(await (await fetch(`${server.metricsUrl}/metrics`)).text()),
    );
    const refused = await ask();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    gate.open();
    expect((await Promise.all([...running, ...waiting])).map((response) => response.status)).toEqual(
      new Array(6).fill(200),
    );
  });

  it('that gives a deadline is told when it has passed', async () => {
    armed = false;
    const gate = gated();
    const server = await serve({ runtime: gate.runtime });
    armed = true;
    const ask = (headers: Record<string, string>, body = BODY) =>
      fetch(`${server.url}/v2/models/linear/infer`, { method: 'POST', body, headers });
    expect((await ask({ 'x-request-timeout-ms': '20' })).status).toBe(504);
    expect((await ask({}, BODY.replace('{', '{"parameters":{"timeout":20000},'))).status).toBe(504);
    gate.open();
  });
});
