/**
 * Tensors of the Open Inference Protocol. Source: open-inference-protocol, "Tensor Data Types"; BF16 is Triton's.
 */
export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

export type Datatype = (typeof DATATYPES)[number];

/**
 * Row-major elements. BOOL is one byte an element (0 or 1); FP16 and BF16 are raw 16-bit patterns; BYTES is one
 * Uint8Array an element.
 */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | readonly Uint8Array[];

export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** Every dimension >= 0; their product is the number of elements. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a model declares of one input or output. */
export interface TensorSignature {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 for a dimension that varies. */
  readonly shape: readonly number[];
}

export interface ModelSignature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}
