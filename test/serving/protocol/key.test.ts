import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import type { InferenceRequest } from '../../../src/serving/protocol/inference.js';
import { predictionKey } from '../../../src/serving/protocol/key.js';
import type { Tensor } from '../../../src/serving/protocol/tensor.js';
import { tensors } from './tensors.js';

const x: Tensor = { name: 'x', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) };
const s: Tensor = { name: 's', datatype: 'BYTES', shape: [2], data: [Buffer.from('ab'), Buffer.from('c')] };
const request: InferenceRequest = {
  id: '1',
  inputs: [x, s],
  outputs: [{ name: 'y', binary: false }],
  binaryOutputs: false,
  parameters: { a: 1, b: 'c' },
};
const key = (change: Partial<InferenceRequest> = {}, model = 'm', version = '1', digest = 'sha256:00') =>
  predictionKey(model, version, digest, { ...request, ...change });

describe('a cache key', () => {
  test.each<readonly [string, string]>([
    ['the id', key({ id: '2' })],
    ['the order of the inputs', key({ inputs: [s, x] })],
    ['how the answer is encoded', key({ binaryOutputs: true, outputs: [{ name: 'y', binary: true }] })],
    ['the order of the parameters', key({ parameters: { b: 'c', a: 1 } })],
    ['the deadline and the priority', key({ parameters: { a: 1, b: 'c', timeout: 5, priority: 1 } })],
    [
      'where in memory the bytes lie',
      key({ inputs: [{ ...x, data: Float32Array.of(0, 1, 2).subarray(1) }, s] }),
    ],
  ])('does not depend on %s', (_, other) => {
    expect(other).toBe(key());
  });

  test.each<readonly [string, string]>([
    ['the model', key({}, 'n')],
    ['the version', key({}, 'm', '2')],
    ['the digest', key({}, 'm', '1', 'sha256:01')],
    ['the name of an input', key({ inputs: [{ ...x, name: 'z' }, s] })],
    [
      'the datatype',
      key({
        inputs: [{ ...x, datatype: 'INT32', data: new Int32Array((x.data as Float32Array).buffer) }, s],
      }),
    ],
    ['the shape', key({ inputs: [{ ...x, shape: [2, 1] }, s] })],
    ['the bytes', key({ inputs: [{ ...x, data: Float32Array.of(1, 3) }, s] })],
    [
      'where one string ends and the next begins',
      key({ inputs: [x, { ...s, data: [Buffer.from('a'), Buffer.from('bc')] }] }),
    ],
    ['the outputs', key({ outputs: [] })],
    [
      'the order of the outputs',
      key({
        outputs: [
          { name: 'z', binary: false },
          { name: 'y', binary: false },
        ],
      }),
    ],
    ['the parameters', key({ parameters: { a: 2, b: 'c' } })],
    ['the type of a parameter', key({ parameters: { a: '1', b: 'c' } })],
  ])('depends on %s', (_, other) => {
    expect(other).not.toBe(key());
  });

  test('is the same for large and for small requests, whichever way they are hashed', () => {
    const sizes = [4000, 4100, 100000].map((length) => {
      const data = new Float32Array(length).fill(1);
      const inputs = [{ ...x, shape: [1, length], data }];
      expect(key({ inputs })).toBe(key({ inputs: [{ ...x, shape: [1, length], data: data.slice() }] }));
      return key({ inputs });
    });
    expect(new Set(sizes).size).toBe(3);
  });

  test('tells random requests apart', () => {
    fc.assert(
      fc.property(tensors(), tensors(), (one, other) => {
        const bytes = (given: readonly Tensor[]) =>
          JSON.stringify(
            given.map((t) => [
              t.datatype,
              t.shape,
              Array.from(t.data as Uint8Array, String),
              t.data instanceof Float32Array || t.data instanceof Float64Array
                ? Array.from(new Uint8Array(t.data.buffer))
                : 0,
            ]),
          );
        expect(key({ inputs: one }) === key({ inputs: other })).toBe(bytes(one) === bytes(other));
      }),
    );
  });
});
