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
  const small = () => Math.floor(next() * 4);
  switch (input.datatype) {
    case 'FP32':
      return fill(new Float32Array(count), next);
    case 'FP64':
      return fill(new Float64Array(count), next);
    case 'FP16':
    case 'BF16':
      return fill(new Uint16Array(count), () => HALVES[small()] ?? 0);
    case 'INT64':
      return fill(new BigInt64Array(count), () => BigInt(small()));
    case 'UINT64':
      return fill(new BigUint64Array(count), () => BigInt(small()));
    case 'BYTES':
      return Array.from({ length: count }, () => encoder.encode(String(small())));
    case 'BOOL':
      return fill(new Uint8Array(count), () => small() % 2);
    case 'UINT8':
      return fill(new Uint8Array(count), small);
    case 'INT8':
      return fill(new Int8Array(count), small);
    case 'UINT16':
      return fill(new Uint16Array(count), small);
    case 'INT16':
      return fill(new Int16Array(count), small);
    case 'UINT32':
      return fill(new Uint32Array(count), small);
    case 'INT32':
      return fill(new Int32Array(count), small);
  }
}

/** Ten times as fast as the array's own `from`. */
function fill<Elements extends { [index: number]: number | bigint; readonly length: number }>(
  data: Elements,
  next: () => Elements[number],
): Elements {
  for (let i = 0; i < data.length; i++) data[i] = next();
  return data;
}
