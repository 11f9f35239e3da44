/** Inputs to warm a model up with when nobody gave examples: small, valid for most models, and different row by row. */
import { seededRandom } from '../../base/index.js';
import type { ModelSignature, Tensor, TensorData, TensorSignature } from '../protocol/tensor.js';

const encoder = new TextEncoder();

/** Size taken for a dimension that varies and is not the row. */
const VARIABLE_SIZE = 4;

/** Half-precision patterns of 0, 0.25, 0.5 and 1; BF16's are never asked for. */
const HALVES = [0x0000, 0x3400, 0x3800, 0x3c00];

/**
 * One tensor per input. A varying first dimension becomes `rows`. Integers are 0 to 3, so that an index into a small
 * table or vocabulary is within it; floats lie in [0, 1). The same seed gives the same numbers.
 */
export function sampleInputs(signature: ModelSignature, rows: number, seed: number): Tensor[] {
  const random = seededRandom(seed);
  return signature.inputs.map((input) => {
    const shape = input.shape.map((dimension, axis) =>
      dimension >= 0 ? dimension : axis === 0 ? rows : VARIABLE_SIZE,
    );
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    return {
      name: input.name,
      datatype: input.datatype,
      shape,
      data: elements(input, count, () => random.next()),
    };
  });
}

function elements(input: TensorSignature, count: number, next: () => number): TensorData {
  const length = { length: count };
  const small = () => Math.floor(next() * 4);
  switch (input.datatype) {
    case 'FP32':
      return Float32Array.from(length, next);
    case 'FP64':
      return Float64Array.from(length, next);
    case 'FP16':
    case 'BF16':
      return Uint16Array.from(length, () => HALVES[small()] ?? 0);
    case 'INT64':
      return BigInt64Array.from(Array.from(length, () => BigInt(small())));
    case 'UINT64':
      return BigUint64Array.from(Array.from(length, () => BigInt(small())));
    case 'BYTES':
      return Array.from(length, () => encoder.encode(String(small())));
    case 'BOOL':
      return Uint8Array.from(length, () => small() % 2);
    case 'UINT8':
      return Uint8Array.from(length, small);
    case 'INT8':
      return Int8Array.from(length, small);
    case 'UINT16':
      return Uint16Array.from(length, small);
    case 'INT16':
      return Int16Array.from(length, small);
    case 'UINT32':
      return Uint32Array.from(length, small);
    case 'INT32':
      return Int32Array.from(length, small);
  }
}
