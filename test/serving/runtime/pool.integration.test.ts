/** What the pool does when one of its threads dies. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '../../../src/base/index.js';
import type { Tensor } from '../../../src/serving/protocol/index.js';
import { createPoolRuntime } from '../../../src/serving/runtime/index.js';

/** Answers what it is asked, and dies of a 13. */
const FRAGILE = `
import { parentPort } from 'node:worker_threads';
const tensor = { name: 'x', datatype: 'FP32', shape: [-1] };
parentPort.on('message', ({ inputs }) => {
  if (inputs[0].data[0] === 13) process.exit(1);
  parentPort.postMessage({ kind: 'done', outputs: inputs });
});
parentPort.postMessage({ kind: 'loaded', signature: { inputs: [tensor], outputs: [tensor] } });
`;

let folder: string;
let workerFile: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-pool-'));
  const path = join(folder, 'fragile.mjs');
  await writeFile(path, FRAGILE);
  workerFile = pathToFileURL(path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const input = (value: number): Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [1], data: Float32Array.of(value) },
];

describe('a pool whose thread dies', () => {
  it('fails the run it was at, keeps the others, and replaces the thread', async () => {
    const runtime = createPoolRuntime({ threads: 2, workerFile, clock: systemClock, logger: silentLogger });
    const model = await runtime.load('any', { threads: 1 });
    const values = [1, 13, 2, 3, 13, 4];
    const results = await Promise.allSettled(values.map((value) => model.run(input(value), [])));
    expect(
      results.map((r) =>
        r.status === 'fulfilled' ? (r.value[0]?.data as Float32Array)[0] : (r.reason as Error).name,
      ),
    ).toEqual([1, 'ProblemError', 2, 3, 'ProblemError', 4]);
    expect(((await model.run(input(5), []))[0]?.data as Float32Array)[0]).toBe(5);
    await model.release();
    await expect(model.run(input(6), [])).rejects.toMatchObject({ problem: { code: 'WorkerDied' } });
  });
});
