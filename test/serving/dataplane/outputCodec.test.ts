import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeOutputs, encodeOutputs } from '../../../src/serving/dataplane/outputCodec.js';
import type { Tensor } from '../../../src/serving/protocol/index.js';

const tensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc.float32Array().map((data): Tensor => ({ name: 'f', datatype: 'FP32', shape: [data.length], data })),
  fc.bigInt64Array().map((data): Tensor => ({ name: 'i', datatype: 'INT64', shape: [data.length], data })),
  fc.uint8Array().map((data): Tensor => ({ name: 'u', datatype: 'UINT8', shape: [1, data.length], data })),
  fc
    .array(fc.uint8Array())
    .map((data): Tensor => ({ name: 's', datatype: 'BYTES', shape: [data.length], data })),
);

const plain = (tensors: readonly Tensor[] | undefined) =>
  tensors?.map((t) => ({ ...t, data: [...t.data].map((e) => (e instanceof Uint8Array ? [...e] : e)) }));

describe('outputs in a cache', () => {
  it('come back as they went in, wherever they lie in memory', () => {
    fc.assert(
      fc.property(fc.array(tensor, { maxLength: 4 }), fc.nat(7), (outputs, shift) => {
        const bytes = encodeOutputs(outputs);
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        expect(plain(decodeOutputs(moved))).toEqual(plain(outputs));
      }),
      { seed: 7 },
    );
  });

  it('are a miss when they are anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodeOutputs(bytes)).toBeUndefined();
      }),
      { seed: 7 },
    );
    const good = encodeOutputs([{ name: 'f', datatype: 'FP32', shape: [2], data: Float32Array.of(1, 2) }]);
    for (let length = 0; length < good.length; length++) {
      expect(decodeOutputs(good.subarray(0, length))).toBeUndefined();
    }
  });
});
