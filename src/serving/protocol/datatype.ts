/** What each datatype is in memory. Source: open-inference-protocol, "Tensor Data Types". */
import { DATATYPES, type Datatype, type TensorData } from './tensor.js';

/** The typed arrays tensors are made of; BYTES alone is a plain array of byte strings. */
export type TypedArray = Exclude<TensorData, readonly Uint8Array[]>;

/** Every datatype with elements of one size. */
export type FixedDatatype = Exclude<Datatype, 'BYTES'>;

type ArrayClass = {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): TypedArray;
};

const ARRAYS: Readonly<Record<FixedDatatype, ArrayClass>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

const NAMES: ReadonlySet<string> = new Set(DATATYPES);

/** Names are case-sensitive: `fp32` is no datatype. */
export function isDatatype(name: string): name is Datatype {
  return NAMES.has(name);
}

/** Bytes of one element. */
export function elementBytes(datatype: FixedDatatype): number {
  return ARRAYS[datatype].BYTES_PER_ELEMENT;
}

/** Zeroed elements. Check `count` against bytes that are really there first: it is often a client's claim. */
export function allocate(datatype: FixedDatatype, count: number): TypedArray {
  return new ARRAYS[datatype](count);
}

/**
 * The elements that lie in `bytes` (little-endian, as the protocol has it and as every platform of Node's with
 * onnxruntime is). A view where the bytes are aligned for the datatype, a copy where they are not.
 */
export function elementsOf(datatype: FixedDatatype, bytes: Uint8Array): TypedArray {
  const type = ARRAYS[datatype];
  const count = bytes.byteLength / type.BYTES_PER_ELEMENT;
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteOffset % type.BYTES_PER_ELEMENT === 0) {
    return new type(bytes.buffer, bytes.byteOffset, count);
  }
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return new type(copy, 0, count);
}

/** The bytes behind a typed array, without copying. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** FP16 and BF16 have no JSON form (Triton refuses them too). */
export function travelsInJson(datatype: Datatype): boolean {
  return datatype !== 'FP16' && datatype !== 'BF16';
}
