/** A slow model goes to worker threads, and answers as it does on the event loop. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../src/base/index.js';
import { onnxModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';
import { buildWorker } from '../../support/servingWorker.js';

const SIZE = 384;
const LAYERS = 900;

/** The same matrix again and again: some milliseconds from a small file. */
function deepModel(): Buffer {
  const weights = new Float32Array(SIZE * SIZE);
  for (let i = 0; i < SIZE; i++) weights[i * SIZE + ((i + 1) % SIZE)] = 1;
  const layer = (i: number) => (i === LAYERS ? 'y' : `h${i}`);
  return onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', SIZE] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', SIZE] }],
    nodes: Array.from({ length: LAYERS }, (_, i) => ({
      op: 'MatMul',
      inputs: [i === 0 ? 'x' : layer(i), 'W'],
      outputs: [layer(i + 1)],
    })),
    constants: [{ name: 'W', shape: [SIZE, SIZE], data: weights }],
  });
}

let folder: string;
let server: TestServer;
const lines: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-slow-'));
  const logger = createLogger({
    level: 'info',
    name: 'test',
    destination: { write: (line) => void lines.push(line) },
  });
  server = await serveModels({ 'deep/1': deepModel() }, { workerFile: await buildWorker(folder), logger });
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a slow model', () => {
  it('runs on threads, as the log says, and gives each caller its answer', async () => {
    expect(lines.find((line) => line.includes('plan: '))).toContain('"placement":"pool"');
    const rows = Array.from({ length: 12 }, (_, r) =>
      Array.from({ length: SIZE }, (_, i) => (i === r ? r + 1 : 0)),
    );
    const answers = await Promise.all(
      rows.map(async (data) => {
        const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, SIZE], data }] });
        const response = await fetch(`${server.url}/v2/models/deep/infer`, { method: 'POST', body });
        return ((await response.json()) as { outputs: { data: number[] }[] }).outputs[0]?.data;
      }),
    );
    // Each layer moves every number one place on.
    const moved = (r: number) =>
      Array.from({ length: SIZE }, (_, i) => (i === (r + LAYERS) % SIZE ? r + 1 : 0));
    expect(answers).toEqual(rows.map((_, r) => moved(r)));
  }, 30_000);
});
