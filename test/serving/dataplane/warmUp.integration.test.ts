/** Warm-up on real models: what it measures and what it concludes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/base/index.js';
import { exampleRows } from '../../../src/serving/dataplane/exampleRows.js';
import { warmUp } from '../../../src/serving/dataplane/warmUp.js';
import type { Tensor } from '../../../src/serving/protocol/tensor.js';
import { createOnnxRuntime } from '../../../src/serving/runtime/index.js';
import { createFakeRuntime } from '../../../src/serving/runtime/fakeRuntime.js';
import {
  cumulativeModel,
  identityModel,
  linearModel,
  lookupModel,
  twoByTwoModel,
} from '../../support/onnxModel.js';
import { modelFolder } from '../../support/serving.js';

let folder: Awaited<ReturnType<typeof modelFolder>>;
beforeAll(async () => {
  folder = await modelFolder({
    linear: linearModel(16, 3),
    two: twoByTwoModel(),
    lookup: lookupModel(),
    text: identityModel('BYTES'),
    half: identityModel('FP16'),
    cumulative: cumulativeModel(),
    fixed: identityModel('FP32', [1, 4]),
  });
});
afterAll(() => folder.remove());

async function measure(name: string, maxRows = 8) {
  const path = folder.sources.find((source) => source.name === name)?.path ?? '';
  const model = await createOnnxRuntime().load(path, { threads: 1 });
  const measured = await warmUp(model, { clock: systemClock, runs: 3, maxRows, examples: [] });
  await model.release();
  return measured;
}

describe('warm-up', () => {
  it.each(['linear', 'two', 'lookup', 'text', 'half'])('proves the rows of %s independent', async (name) => {
    const measured = await measure(name);
    expect(measured).toMatchObject({ batching: 'rows proved independent' });
    expect(measured.rowMs).toBeGreaterThan(0);
  });

  it('finds out that rows influence each other', async () => {
    expect(await measure('cumulative')).toMatchObject({
      batches: [],
      batching: 'a row of a batch differs from the same row alone',
    });
  });

  it('does not batch where the first dimension is fixed, nor where batching is turned off', async () => {
    expect(await measure('fixed')).toMatchObject({ batches: [] });
    expect(await measure('linear', 1)).toMatchObject({ batches: [], batching: 'turned off' });
  });
});

it('does not wait for the largest batch of a slow model', async () => {
  let now = 0;
  const ran: number[] = [];
  const tensor = { datatype: 'FP32', shape: [-1, 1] } as const;
  const slow = {
    signature: { inputs: [{ name: 'x', ...tensor }], outputs: [{ name: 'y', ...tensor }] },
    compute(inputs: ReadonlyMap<string, Tensor>) {
      const x = inputs.get('x');
      if (x === undefined) throw new Error('no x');
      ran.push(x.data.length);
      now += 10 * x.data.length;
      return [{ ...x, name: 'y' }];
    },
  };
  const model = await createFakeRuntime({ slow }).load('slow', { threads: 1 });
  const clock = { ...systemClock, monotonic: () => now };
  const measured = await warmUp(model, { clock, runs: 3, maxRows: 256, examples: [] });
  expect(measured).toMatchObject({
    rowMs: 10,
    batches: [{ rows: 4, ms: 40 }],
    batching: 'rows proved independent',
  });
  expect(Math.max(...ran)).toBe(5);
});

it('is not misled by runs that were interrupted', async () => {
  let now = 0;
  let runs = 0;
  const tensor = { datatype: 'FP32', shape: [-1, 1] } as const;
  const quick = {
    signature: { inputs: [{ name: 'x', ...tensor }], outputs: [{ name: 'y', ...tensor }] },
    compute(inputs: ReadonlyMap<string, Tensor>) {
      now += ++runs % 3 === 0 ? 0.02 : 4;
      return [...inputs.values()].map((x) => ({ ...x, name: 'y' }));
    },
  };
  const model = await createFakeRuntime({ quick }).load('quick', { threads: 1 });
  const clock = { ...systemClock, monotonic: () => now };
  const measured = await warmUp(model, { clock, runs: 3, maxRows: 1, examples: [] });
  expect(measured.rowMs).toBeCloseTo(0.02, 9);
});

it('does not make a large batch of large rows', async () => {
  const ran: number[] = [];
  const row = 1 << 20; // of 4 bytes each
  const wide = {
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, row] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    },
    compute(inputs: ReadonlyMap<string, Tensor>) {
      const x = inputs.get('x');
      if (x === undefined) throw new Error('no x');
      const rows = x.data.length / row;
      ran.push(rows);
      const first = Float32Array.from({ length: rows }, (_, i) => Number(x.data[i * row]));
      return [{ name: 'y', datatype: 'FP32', shape: [rows, 1], data: first } as const];
    },
  } as const;
  const model = await createFakeRuntime({ wide }).load('wide', { threads: 1 });
  const measured = await warmUp(model, { clock: systemClock, runs: 1, maxRows: 256, examples: [] });
  expect(measured).toMatchObject({ batches: [{ rows: 4 }], batching: 'rows proved independent' });
  expect(Math.max(...ran)).toBe(5);
});

describe('golden examples', () => {
  const signature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  } as const;
  /** Rows are independent as long as all are small, as every invented one is. */
  const leaky = {
    signature,
    compute(inputs: ReadonlyMap<string, Tensor>) {
      const x = inputs.get('x')?.data as Float32Array;
      const largest = Math.max(...x);
      const y = x.map((value) => (largest > 100 ? value + largest : value));
      return [{ ...signature.outputs[0], shape: [y.length, 1], data: y }];
    },
  };
  const example = (data: readonly number[]) => ({
    inputs: [{ ...signature.inputs[0], shape: [data.length, 1], data }],
    outputs: [],
  });

  it('find out what invented rows do not', async () => {
    const model = await createFakeRuntime({ leaky }).load('leaky', { threads: 1 });
    const of = (examples: readonly (readonly Tensor[])[]) =>
      warmUp(model, { clock: systemClock, runs: 1, maxRows: 8, examples });
    expect(await of([])).toMatchObject({ batching: 'rows proved independent' });
    expect(await of(exampleRows([example([1, 2])], signature))).toMatchObject({
      batching: 'rows proved independent',
    });
    expect(await of(exampleRows([example([1]), example([500])], signature))).toMatchObject({
      batches: [],
      batching: 'a row of a batch differs from the same row alone',
    });
  });

  it('become single rows, a few of them, and those that the model would refuse are left out', () => {
    const wrong = { inputs: [{ name: 'z', datatype: 'FP32', shape: [1, 1], data: [1] }], outputs: [] };
    const rows = exampleRows([wrong, example([1, 2]), example([3])], signature);
    expect(rows.map(([x]) => x)).toEqual(
      [1, 2, 3].map((value) => ({ ...signature.inputs[0], shape: [1, 1], data: Float32Array.of(value) })),
    );
    expect(exampleRows([example(Array.from({ length: 100 }, (_, i) => i))], signature)).toHaveLength(8);
  });
});
