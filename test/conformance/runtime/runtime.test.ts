/** Every adapter of the runtime port keeps the same promises: onnxruntime here, on threads, and the fake. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problem, ProblemError, silentLogger, systemClock } from '../../../src/base/index.js';
import type { Tensor } from '../../../src/serving/protocol/index.js';
import {
  createFakeRuntime,
  createOnnxRuntime,
  createPoolRuntime,
  type FakeModel,
  type Runtime,
} from '../../../src/serving/runtime/index.js';
import {
  identityModel,
  linearAnswer,
  linearModel,
  lookupModel,
  twoByTwoModel,
} from '../../support/onnxModel.js';
import { buildWorker } from '../../support/servingWorker.js';

let folder: string;
let workerFile: URL;
const at = (name: string) => join(folder, `${name}.onnx`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-runtime-'));
  const models = {
    linear: linearModel(4),
    two: twoByTwoModel(2),
    lookup: lookupModel(),
    text: identityModel('BYTES'),
    int64: identityModel('INT64'),
    grid: identityModel('FP32', ['N', 2, 'T']),
    broken: linearModel(4).subarray(0, 60),
  };
  for (const [name, bytes] of Object.entries(models)) await writeFile(at(name), bytes);
  workerFile = await buildWorker(folder);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const fp32 = (name: string, shape: number[], data: number[]): Tensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: Float32Array.from(data),
});

function fakes(): Record<string, FakeModel> {
  const identity = (datatype: Tensor['datatype'], shape: number[]): FakeModel => ({
    signature: { inputs: [{ name: 'x', datatype, shape }], outputs: [{ name: 'y', datatype, shape }] },
    compute: (inputs) => {
      const x = inputs.get('x');
      return x === undefined ? [] : [{ ...x, name: 'y' }];
    },
  });
  const row = (shape: number[]) => ({ datatype: 'FP32', shape }) as const;
  return {
    [at('linear')]: {
      signature: { inputs: [{ name: 'x', ...row([-1, 4]) }], outputs: [{ name: 'y', ...row([-1, 1]) }] },
      compute: (inputs) => {
        const x = inputs.get('x');
        const data = x?.data as Float32Array;
        if (x?.shape[1] !== 4) throw new ProblemError(problem('InvalidArgument', '', 'wrong shape'));
        const rows = x.shape[0] ?? 0;
        const values = Array.from({ length: rows }, (_, i) =>
          linearAnswer([...data.subarray(i * 4, i * 4 + 4)]),
        ).flat();
        return [fp32('y', [rows, 1], values)];
      },
    },
    [at('two')]: {
      signature: {
        inputs: [
          { name: 'a', ...row([-1, 2]) },
          { name: 'b', ...row([-1, 2]) },
        ],
        outputs: [
          { name: 'sum', ...row([-1, 2]) },
          { name: 'copy', ...row([-1, 2]) },
        ],
      },
      compute: (inputs) => {
        const [a, b] = [inputs.get('a'), inputs.get('b')].map((t) => [...(t?.data as Float32Array)]);
        return [
          fp32(
            'sum',
            [1, 2],
            (a ?? []).map((v, i) => v + (b?.[i] ?? 0)),
          ),
          fp32('copy', [1, 2], a ?? []),
        ];
      },
    },
    [at('lookup')]: {
      signature: {
        inputs: [{ name: 'index', datatype: 'INT64', shape: [-1] }],
        outputs: [{ name: 'y', ...row([-1]) }],
      },
      compute: (inputs) => {
        const [index = 0n] = inputs.get('index')?.data as BigInt64Array;
        if (index >= 100n) throw new ProblemError(problem('InvalidArgument', '', 'out of bounds'));
        return [fp32('y', [1], [Number(index) * 10])];
      },
    },
    [at('text')]: identity('BYTES', [-1]),
    [at('int64')]: identity('INT64', [-1]),
    [at('grid')]: identity('FP32', [-1, 2, -1]),
  };
}

const adapters: Readonly<Record<string, () => Runtime>> = {
  onnxruntime: createOnnxRuntime,
  pool: () => createPoolRuntime({ threads: 2, workerFile, clock: systemClock, logger: silentLogger }),
  fake: () => createFakeRuntime(fakes()),
};

describe.each(Object.entries(adapters))('the %s runtime', (name, open) => {
  async function withModel<T>(
    model: string,
    use: (loaded: Awaited<ReturnType<Runtime['load']>>) => Promise<T>,
  ): Promise<T> {
    const loaded = await open().load(at(model), { threads: 1 });
    try {
      return await use(loaded);
    } finally {
      await loaded.release();
    }
  }

  it('reads the signature, with -1 for what varies', async () => {
    await withModel('linear', async ({ signature }) => {
      expect(signature).toEqual({
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      });
    });
    await withModel('grid', async ({ signature }) => expect(signature.inputs[0]?.shape).toEqual([-1, 2, -1]));
  });

  it('runs a batch', async () => {
    const rows = [
      [1, 2, 3, 4],
      [0, 0, 0, 0],
      [-1, 5, 0.5, 2],
    ];
    await withModel('linear', async (model) => {
      const [y] = await model.run([fp32('x', [3, 4], rows.flat())], []);
      expect(y?.shape).toEqual([3, 1]);
      expect([...(y?.data as Float32Array)]).toEqual(rows.flatMap((r) => linearAnswer(r)));
    });
  });

  it('takes inputs in any order and gives the outputs asked for, in that order', async () => {
    await withModel('two', async (model) => {
      const inputs = [fp32('b', [1, 2], [10, 20]), fp32('a', [1, 2], [1, 2])];
      const named = (outputs: readonly Tensor[]) =>
        outputs.map((o) => [o.name, [...(o.data as Float32Array)]]);
      expect(named(await model.run(inputs, ['copy', 'sum']))).toEqual([
        ['copy', [1, 2]],
        ['sum', [11, 22]],
      ]);
      expect(named(await model.run(inputs, ['sum']))).toEqual([['sum', [11, 22]]]);
      expect(named(await model.run(inputs, []))).toEqual([
        ['sum', [11, 22]],
        ['copy', [1, 2]],
      ]);
    });
  });

  it('carries strings and 64-bit integers exactly', async () => {
    const words = ['', 'é', '日本', 'a b'].map((word) => new TextEncoder().encode(word));
    await withModel('text', async (model) => {
      const [y] = await model.run([{ name: 'x', datatype: 'BYTES', shape: [4], data: words }], []);
      expect((y?.data as Uint8Array[]).map((bytes) => [...bytes])).toEqual(words.map((bytes) => [...bytes]));
    });
    const integers = BigInt64Array.from([9007199254740993n, -9223372036854775808n, 9223372036854775807n]);
    await withModel('int64', async (model) => {
      const [y] = await model.run([{ name: 'x', datatype: 'INT64', shape: [3], data: integers }], []);
      expect([...(y?.data as BigInt64Array)]).toEqual([...integers]);
    });
  });

  it('says that the input is at fault when the model refuses it, and goes on', async () => {
    await withModel('lookup', async (model) => {
      const ask = (index: bigint) =>
        model.run([{ name: 'index', datatype: 'INT64', shape: [1], data: BigInt64Array.of(index) }], []);
      await expect(ask(100n)).rejects.toMatchObject({ problem: { code: 'InvalidArgument' } });
      expect([...((await ask(7n))[0]?.data as Float32Array)]).toEqual([70]);
    });
  });

  it('leaves the memory of its inputs to the caller, who may overwrite it at once', async () => {
    await withModel('linear', async (model) => {
      const shared = new Float32Array(8);
      const row = shared.subarray(4);
      row.set([1, 2, 3, 4]);
      const run = model.run([{ name: 'x', datatype: 'FP32', shape: [1, 4], data: row }], []);
      expect(shared.length).toBe(8);
      if (name !== 'fake') row.fill(0);
      expect([...((await run)[0]?.data as Float32Array)]).toEqual(linearAnswer([1, 2, 3, 4]));
    });
  });

  it('answers runs that overlap, each with its own', async () => {
    await withModel('linear', async (model) => {
      const answers = await Promise.all(
        Array.from(
          { length: 20 },
          async (_, i) => (await model.run([fp32('x', [1, 4], [i, i, i, i])], []))[0],
        ),
      );
      expect(answers.map((y) => (y?.data as Float32Array)[0])).toEqual(
        Array.from({ length: 20 }, (_, i) => linearAnswer([i, i, i, i])[0]),
      );
    });
  });

  it('names the file that holds no model', async () => {
    for (const file of ['missing', 'broken']) {
      await expect(open().load(at(file), { threads: 1 })).rejects.toMatchObject({
        problem: { code: 'ModelUnloadable', place: at(file) },
      });
    }
  });
});

describe('strings that onnxruntime-node would alter', () => {
  it.each([
    ['a NUL', Uint8Array.from([97, 0, 98])],
    ['invalid UTF-8', Uint8Array.from([0xc3, 0x28])],
    ['a lone surrogate', Uint8Array.from([0xed, 0xa0, 0x80])],
  ])('are refused: %s', async (_what, bytes) => {
    const model = await createOnnxRuntime().load(at('text'), { threads: 1 });
    const run = model.run([{ name: 'x', datatype: 'BYTES', shape: [1], data: [bytes] }], []);
    await expect(run).rejects.toMatchObject({ problem: { code: 'InvalidArgument', place: 'inputs.x' } });
    await model.release();
  });
});
