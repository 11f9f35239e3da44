/** Typed tensor contents: which field of the message holds which datatype, both ways. */
import { Buffer } from 'node:buffer';
import { allocate } from '../datatype.js';
import { refuse } from '../refusal.js';
import { elementCount, formatShape } from '../shape.js';
import type { Datatype, Tensor, TensorData } from '../tensor.js';
import type { TensorContents } from './messages.js';

type Field = keyof TensorContents;

/** FP16 and BF16 have no field: they travel raw. */
const FIELDS: Readonly<Partial<Record<Datatype, Field>>> = {
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

export function hasTypedContents(datatype: Datatype): boolean {
  return FIELDS[datatype] !== undefined;
}

export function decodeContents(
  datatype: Datatype,
  shape: readonly number[],
  contents: TensorContents,
  place: string,
): TensorData {
  const field = FIELDS[datatype];
  if (field === undefined) refuse(`${datatype} has no typed contents: send raw_input_contents`, place);
  for (const [other, values] of Object.entries(contents) as [Field, readonly unknown[] | undefined][]) {
    if (other !== field && values !== undefined && values.length > 0) {
      refuse(`${datatype} goes into ${field}, not into ${other}`, `${place}.contents`);
    }
  }
  const elements = contents[field] ?? [];
  const count = elementCount(shape);
  if (elements.length !== count) {
    refuse(
      `the shape ${formatShape(shape)} needs ${count ?? 'more'} elements, not ${elements.length}`,
      `${place}.contents.${field}`,
    );
  }
  if (datatype === 'BYTES') return elements as readonly Uint8Array[];
  return fill(datatype, elements as readonly (string | number | boolean)[], `${place}.contents.${field}`);
}

function fill(
  datatype: Exclude<Datatype, 'BYTES'>,
  elements: readonly (string | number | boolean)[],
  place: string,
): TensorData {
  const data = allocate(datatype, elements.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    elements.forEach((element, index) => (data[index] = BigInt(element)));
    return data;
  }
  const floating = data instanceof Float32Array || data instanceof Float64Array;
  elements.forEach((element, index) => {
    const value = Number(element);
    data[index] = value;
    // The message has 32 bits for INT8 and INT16 too.
    if (!floating && data[index] !== value)
      refuse(`${value} at index ${index} is out of the range of ${datatype}`, place);
  });
  return data;
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
