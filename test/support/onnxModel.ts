/**
 * Writes small ONNX files by hand (protobuf wire format, onnx.proto3 of opset 13), so that tests need no Python.
 * Source: github.com/onnx/onnx, onnx/onnx.proto.
 */

/** onnx.TensorProto.DataType, the ones the tests use. */
export const ELEMENT_TYPES = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** A number is a fixed dimension, a string a symbolic one. */
export interface ValueSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints?: Readonly<Record<string, number | readonly number[]>>;
}

export interface ConstantSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export interface GraphSpec {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly nodes: readonly NodeSpec[];
  readonly constants?: readonly ConstantSpec[];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

function bytes(field: number, value: Buffer | string): Buffer {
  const payload = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((field << 3) | 2), varint(payload.length), payload]);
}

function valueInfo(value: ValueSpec): Buffer {
  const dims = value.shape.map((d) => bytes(1, typeof d === 'number' ? number(1, d) : bytes(2, d)));
  const tensorType = Buffer.concat([number(1, ELEMENT_TYPES[value.type]), bytes(2, Buffer.concat(dims))]);
  return Buffer.concat([bytes(1, value.name), bytes(2, bytes(1, tensorType))]);
}

function attribute(name: string, value: number | readonly number[]): Buffer {
  if (typeof value === 'number') return Buffer.concat([bytes(1, name), number(3, value), number(20, 2)]);
  return Buffer.concat([bytes(1, name), ...value.map((v) => number(8, v)), number(20, 7)]);
}

function node(spec: NodeSpec): Buffer {
  return Buffer.concat([
    ...spec.inputs.map((name) => bytes(1, name)),
    ...spec.outputs.map((name) => bytes(2, name)),
    bytes(4, spec.op),
    ...Object.entries(spec.ints ?? {}).map(([name, value]) => bytes(5, attribute(name, value))),
  ]);
}

function constant(spec: ConstantSpec): Buffer {
  const raw = Buffer.from(spec.data.buffer, spec.data.byteOffset, spec.data.byteLength);
  const type = spec.data instanceof Float32Array ? ELEMENT_TYPES.FP32 : ELEMENT_TYPES.INT64;
  return Buffer.concat([
    ...spec.shape.map((d) => number(1, d)),
    number(2, type),
    bytes(8, spec.name),
    bytes(9, raw),
  ]);
}

/** The bytes of model.onnx for `graph`. */
export function onnxModel(graph: GraphSpec): Buffer {
  const body = Buffer.concat([
    ...graph.nodes.map((n) => bytes(1, node(n))),
    bytes(2, 'graph'),
    ...(graph.constants ?? []).map((c) => bytes(5, constant(c))),
    ...graph.inputs.map((i) => bytes(11, valueInfo(i))),
    ...graph.outputs.map((o) => bytes(12, valueInfo(o))),
  ]);
  return Buffer.concat([number(1, 8), bytes(2, 'gantry-test'), bytes(7, body), bytes(8, number(2, 13))]);
}

/** `y = x W + b` over `features` inputs and `outputs` outputs, with a symbolic batch dimension. Weights count up from 0. */
export function linearModel(features = 4, outputs = 1): Buffer {
  const weights = Float32Array.from({ length: features * outputs }, (_, i) => (i % 16) / 8);
  return onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', features] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', outputs] }],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'W'], outputs: ['xW'] },
      { op: 'Add', inputs: ['xW', 'b'], outputs: ['y'] },
    ],
    constants: [
      { name: 'W', shape: [features, outputs], data: weights },
      { name: 'b', shape: [outputs], data: new Float32Array(outputs).fill(0.5) },
    ],
  });
}

/** What `linearModel(features, outputs)` answers for one row. */
export function linearAnswer(row: readonly number[], outputs = 1): number[] {
  return Array.from({ length: outputs }, (_, o) =>
    row.reduce((sum, x, f) => sum + (x * ((f * outputs + o) % 16)) / 8, 0.5),
  );
}

/** Answers what it is asked: one input, one output, of the given type and shape. */
export function identityModel(type: ElementType, shape: readonly (number | string)[] = ['N']): Buffer {
  return onnxModel({
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type, shape }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  });
}

/** Every row's answer depends on all rows: `y = cumsum(x)` along the batch. Must never be batched. */
export function cumulativeModel(features = 2): Buffer {
  return onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', features] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', features] }],
    nodes: [{ op: 'CumSum', inputs: ['x', 'axis'], outputs: ['y'] }],
    constants: [{ name: 'axis', shape: [], data: new BigInt64Array([0n]) }],
  });
}

/** Two inputs and two outputs: `sum = a + b`, `copy = a`. */
export function twoByTwoModel(features = 2): Buffer {
  const shape = ['N', features];
  return onnxModel({
    inputs: [
      { name: 'a', type: 'FP32', shape },
      { name: 'b', type: 'FP32', shape },
    ],
    outputs: [
      { name: 'sum', type: 'FP32', shape },
      { name: 'copy', type: 'FP32', shape },
    ],
    nodes: [
      { op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] },
      { op: 'Identity', inputs: ['a'], outputs: ['copy'] },
    ],
  });
}

/** A table lookup: an index of 100 or more makes onnxruntime throw, which spoils a whole batch. */
export function lookupModel(): Buffer {
  return onnxModel({
    inputs: [{ name: 'index', type: 'INT64', shape: ['N'] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N'] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'index'], outputs: ['y'] }],
    constants: [{ name: 'table', shape: [100], data: Float32Array.from({ length: 100 }, (_, i) => i * 10) }],
  });
}
