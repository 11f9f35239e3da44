/** Typed tensor contents: which field of the message holds which datatype, and an answer's tensors in them. */
import { Buffer } from 'node:buffer';
import type { Datatype, Tensor } from '../tensor.js';
import type { TensorContents } from './messages.js';

export type ContentsField = keyof TensorContents;

/** FP16 and BF16 have no field: they travel raw. */
export const FIELDS: Readonly<Partial<Record<Datatype, ContentsField>>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

/** By their numbers in the message. */
export const FIELD_NUMBERS: Readonly<Partial<Record<number, ContentsField>>> = {
  1: 'bool_contents',
  2: 'int_contents',
  3: 'int64_contents',
  4: 'uint_contents',
  5: 'uint64_contents',
  6: 'fp32_contents',
  7: 'fp64_contents',
  8: 'bytes_contents',
};

export function hasTypedContents(datatype: Datatype): boolean {
  return FIELDS[datatype] !== undefined;
}

/** The datatype must be one with typed contents. */
export function encodeContents(tensor: Tensor): TensorContents {
  const { datatype, data } = tensor;
  const field = FIELDS[datatype];
  if (field === undefined) return {};
  if (datatype === 'BYTES') {
    const elements = data as readonly Uint8Array[];
    return {
      bytes_contents: elements.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    };
  }
  if (datatype === 'BOOL')
    return { bool_contents: Array.from(data as Uint8Array, (element) => element !== 0) };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return { [field]: Array.from(data, String) };
  return { [field]: Array.from(data as Float32Array) };
}
