/** Bodies of hundreds of kilobytes at once, in all forms: their buffers are used again, and never while somebody reads them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const NUMBERS = 100_000;
const WORDS = 20_000;
const ROUNDS = 12;

describe('large bodies at the same time', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serveModels({ 'numbers/1': identityModel('FP32'), 'words/1': identityModel('BYTES') });
  });
  afterAll(() => server.stop());

  async function echo(model: string, input: object): Promise<unknown> {
    const response = await fetch(`${server.url}/v2/models/${model}/infer`, {
      method: 'POST',
      body: JSON.stringify({ inputs: [{ name: 'x', ...input }] }),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { outputs: { data: unknown }[] }).outputs[0]?.data;
  }

  async function echoBinary(values: Float32Array): Promise<unknown> {
    const head = Buffer.from(
      JSON.stringify({
        inputs: [
          {
            name: 'x',
            datatype: 'FP32',
            shape: [values.length],
            parameters: { binary_data_size: values.byteLength },
          },
        ],
      }),
    );
    const response = await fetch(`${server.url}/v2/models/numbers/infer`, {
      method: 'POST',
      headers: { 'inference-header-content-length': String(head.length) },
      body: Buffer.concat([head, Buffer.from(values.buffer)]),
    });
    return ((await response.json()) as { outputs: { data: unknown }[] }).outputs[0]?.data;
  }

  it('each get their own numbers and strings back', async () => {
    const askAll = async (round: number) => {
      const data = Array.from({ length: NUMBERS }, (_, i) => (i % 977) + round * 1000);
      const words = Array.from({ length: WORDS }, (_, i) => `word ${i} of ${round}`);
      const [numbers, strings, binary] = await Promise.all([
        echo('numbers', { datatype: 'FP32', shape: [NUMBERS], data }),
        echo('words', { datatype: 'BYTES', shape: [WORDS], data: words }),
        echoBinary(Float32Array.from(data, (value) => value + 0.5)),
      ]);
      // As text: a failed comparison of arrays this long takes a minute to print.
      expect(String(numbers) === String(data)).toBe(true);
      expect(String(strings) === String(words)).toBe(true);
      expect(String(binary) === String(data.map((value) => value + 0.5))).toBe(true);
    };
    for (let round = 0; round < ROUNDS; round += 3)
      await Promise.all([askAll(round), askAll(round + 1), askAll(round + 2)]);
  }, 60_000);
});
