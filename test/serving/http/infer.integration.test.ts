import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linearAnswer, linearModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';

describe('V2 inference over HTTP', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serveModels({ 'linear/1': linearModel(4) });
  });
  afterAll(() => server.stop());

  const infer = (body: unknown, path = '/v2/models/linear/infer') =>
    fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });

  it('answers health, readiness and metadata', async () => {
    expect(await (await fetch(`${server.url}/v2/health/live`)).json()).toEqual({ live: true });
    expect(await (await fetch(`${server.url}/v2/health/ready`)).json()).toEqual({ ready: true });
    const metadata = await (await fetch(`${server.url}/v2/models/linear`)).json();
    expect(metadata).toEqual({
      name: 'linear',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    });
  });

  it('predicts with a real ONNX model', async () => {
    const response = await infer({
      id: 'a',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }],
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      id: 'a',
      model_name: 'linear',
      model_version: '1',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: linearAnswer([1, 2, 3, 4]) }],
    });
  });

  it('gives each of many simultaneous requests its own rows', async () => {
    const rows = Array.from({ length: 100 }, (_, i) =>
      [[i, i + 1, i + 2, i + 3]].concat(i % 3 ? [] : [[i, 0, 0, -i]]),
    );
    const answers = await Promise.all(
      rows.map(async (data) => {
        const response = await infer({
          inputs: [{ name: 'x', datatype: 'FP32', shape: [data.length, 4], data }],
        });
        return ((await response.json()) as { outputs: { data: number[] }[] }).outputs[0]?.data;
      }),
    );
    expect(answers).toEqual(rows.map((data) => data.flatMap((row) => linearAnswer(row))));
  });

  it('names what it does not know', async () => {
    for (const [path, status] of [
      ['/v2/models/other/infer', 404],
      ['/v2/models/linear/versions/9/infer', 404],
    ] as const) {
      const response = await infer({}, path);
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ error: expect.any(String) });
    }
  });
});
