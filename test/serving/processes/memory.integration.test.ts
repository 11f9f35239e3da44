/** What is configured for the pod is shared by its processes. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LedPod } from '../../../src/serving/processes/index.js';
import { scaleModel } from '../../support/scaleModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const BODY_BYTES = 20_000;
const CONFIG = {
  limits: { maxBodyBytes: BODY_BYTES },
  cache: { enabled: true, ttlSeconds: 60, maxBytes: 64_000 },
};
const MODELS = { 'scale/1': scaleModel(2) };

let server: TestServer;
afterEach(() => server.stop());

const infer = (x: number, spaces = 0) =>
  fetch(`${server.url}/v2/models/scale/infer`, {
    method: 'POST',
    body:
      JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [x] }] }) +
      ' '.repeat(spaces),
  });

async function cacheBytes(): Promise<number> {
  const page = await (await fetch(`${server.metricsUrl}/metrics`)).text();
  return Number(/^gantry_cache_bytes (\d+)$/m.exec(page)?.[1]);
}

function pod(processes: number): LedPod {
  return {
    processes,
    ask: async (question) => [await server.server.answer(question)],
    change: async () => ({ ok: true, value: undefined }),
  };
}

describe('the memory of a process', () => {
  it('is its part of what is configured, in a process that is told so at the start', async () => {
    server = await serveModels(MODELS, { config: CONFIG, processes: 4 });
    for (let x = 0; x < 300; x++) await infer(x);
    const bytes = await cacheBytes();
    expect(bytes).toBeGreaterThan(8_000);
    expect(bytes).toBeLessThanOrEqual(16_000);
  });

  it('becomes its part when others come to share it, with room for one body of the largest size', async () => {
    server = await serveModels(MODELS, { config: CONFIG });
    for (let x = 0; x < 300; x++) await infer(x);
    expect(await cacheBytes()).toBeGreaterThan(32_000);
    server.server.leadPod(pod(16));
    expect(await cacheBytes()).toBeLessThanOrEqual(4_000);
    expect((await infer(1, BODY_BYTES - 200)).status).toBe(200);
    expect((await infer(1, BODY_BYTES)).status).toBe(413);
  });
});
