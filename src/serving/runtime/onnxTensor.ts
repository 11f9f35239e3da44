/** Between the protocol's tensors and onnxruntime's. Source: onnxruntime-node 1.30, onnx.proto3's TensorProto.DataType. */
import { problem, ProblemError } from '../../base/index.js';
import type { Datatype, Tensor, TensorData } from '../protocol/tensor.js';

/** The part of onnxruntime-common's Tensor that the native addon reads and writes. */
export interface OnnxValue {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

const ONNX_TYPES = {
  FP32: 'float32',
  UINT8: 'uint8',
  INT8: 'int8',
  UINT16: 'uint16',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  BYTES: 'string',
  BOOL: 'bool',
  FP16: 'float16',
  FP64: 'float64',
  UINT32: 'uint32',
  UINT64: 'uint64',
  BF16: 'bfloat16',
} as const satisfies Record<Datatype, string>;

/** Datatypes by the number onnx.proto3 gives them; those missing cannot cross onnxruntime-node's boundary. */
const DATATYPE_BY_NUMBER: Readonly<Record<number, Datatype>> = {
  1: 'FP32',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'BYTES',
  9: 'BOOL',
  10: 'FP16',
  11: 'FP64',
  12: 'UINT32',
  13: 'UINT64',
};

const DATATYPE_BY_NAME = new Map<string, Datatype>(
  Object.entries(ONNX_TYPES).map(([datatype, name]) => [name, datatype as Datatype]),
);

/** The protocol's datatype for an ONNX element type, undefined where onnxruntime-node has no tensors of it. */
export function datatypeOfElement(elementType: number): Datatype | undefined {
  return DATATYPE_BY_NUMBER[elementType];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * onnxruntime-node cuts strings at a NUL and replaces invalid UTF-8, so both are refused: a prediction for altered
 * input is worse than none. Throws a ProblemError (`InvalidArgument`).
 */
function decodeStrings(name: string, elements: readonly Uint8Array[]): string[] {
  return elements.map((bytes, index) => {
    if (bytes.includes(0)) throw refusedString(name, index, 'holds a NUL byte');
    try {
      return utf8.decode(bytes);
    } catch {
      throw refusedString(name, index, 'is not valid UTF-8');
    }
  });
}

function refusedString(name: string, index: number, what: string): ProblemError {
  return new ProblemError(
    problem(
      'InvalidArgument',
      `inputs.${name}`,
      `element ${index} ${what}, which the model's string tensors cannot carry`,
    ),
  );
}

export function toOnnx(tensor: Tensor): OnnxValue & { readonly location: 'cpu' } {
  const data =
    tensor.datatype === 'BYTES'
      ? decodeStrings(tensor.name, tensor.data as readonly Uint8Array[])
      : tensor.data;
  return { type: ONNX_TYPES[tensor.datatype], data, dims: tensor.shape, location: 'cpu' };
}

export function fromOnnx(name: string, value: OnnxValue): Tensor {
  const datatype = DATATYPE_BY_NAME.get(value.type);
  if (datatype === undefined) {
    throw new ProblemError(
      problem('ModelFailed', `outputs.${name}`, `has the unknown element type ${value.type}`),
    );
  }
  const data =
    datatype === 'BYTES'
      ? (value.data as string[]).map((text) => encoder.encode(text))
      : (value.data as TensorData);
  return { name, datatype, shape: value.dims, data };
}
