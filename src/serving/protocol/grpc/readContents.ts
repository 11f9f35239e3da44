/** Typed tensor contents from the bytes of an InferTensorContents, straight into the array that the model is given. */
import { allocate, elementBytes, isDatatype, type TypedArray } from '../datatype.js';
import { refuse } from '../refusal.js';
import { elementCount, formatShape } from '../shape.js';
import type { Datatype, TensorData } from '../tensor.js';
import { type ContentsField, FIELDS, FIELD_NUMBERS } from './contents.js';
import type { ModelInferRequest } from './messages.js';
import { FIXED32, FIXED64, LENGTH_DELIMITED, MalformedMessage, VARINT, WireReader } from './wireReader.js';

/** What an element of BYTES takes beside its bytes: a view of its own. */
const VIEW_BYTES = 128;
/** An element of BYTES is sent with its tag and its length. */
const LEAST_BYTES = 2;

export interface TypedInput {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Of the input: `inputs[0]`. */
  readonly place: string;
}

/** The contents must be in the datatype's own field, and as many as the shape says. */
export function readContents(contents: Uint8Array, { datatype, shape, place }: TypedInput): TensorData {
  const field = FIELDS[datatype];
  if (field === undefined) refuse(`${datatype} has no typed contents: send raw_input_contents`, place);
  const count = elementCount(shape);
  const there = countElements(contents, { field, datatype, place });
  if (there !== count) {
    refuse(
      `the shape ${formatShape(shape)} needs ${count ?? 'more'} elements, not ${there}`,
      `${place}.contents.${field}`,
    );
  }
  if (datatype === 'BYTES') return byteStringsOf(contents);
  const data = allocate(datatype, there);
  const refuseValue = (value: number, index: number): never =>
    refuse(`${value} at index ${index} is out of the range of ${datatype}`, `${place}.contents.${field}`);
  const read = datatype === 'BOOL' ? boolReader(data) : elementReader(data, refuseValue);
  readEach(contents, read);
  return data;
}

/**
 * How many bytes of memory the tensors of a message take beside the message itself, at most: eight for each of its own
 * where INT64 are sent as one, and a view for each element of BYTES.
 */
export function expandedBytes({ inputs, raw_input_contents }: ModelInferRequest): number {
  let bytes = 0;
  for (const [index, { datatype, shape, contents }] of inputs.entries()) {
    if (!isDatatype(datatype)) continue;
    const sent = (contents ?? raw_input_contents[index])?.byteLength ?? 0;
    const [least, each] = datatype === 'BYTES' ? [LEAST_BYTES, VIEW_BYTES] : [1, elementBytes(datatype)];
    bytes += Math.min(elementCount(shape) ?? Infinity, sent / least) * each;
  }
  return bytes;
}

/** Wire type of one element outside a packed field. */
function wireTypeOf(field: ContentsField): number {
  if (field === 'bytes_contents') return LENGTH_DELIMITED;
  if (field === 'fp32_contents') return FIXED32;
  return field === 'fp64_contents' ? FIXED64 : VARINT;
}

interface Expected extends Omit<TypedInput, 'shape'> {
  readonly field: ContentsField;
}

function countElements(contents: Uint8Array, expected: Expected): number {
  const { field } = expected;
  const reader = new WireReader(contents);
  let count = 0;
  while (reader.next()) {
    const name = FIELD_NUMBERS[reader.field];
    if (name === undefined) reader.skip();
    else if (reader.wireType === wireTypeOf(name)) {
      reader.skip();
      if (name !== field) refuseField(name, expected);
      count++;
    } else {
      if (!reader.is(reader.field, LENGTH_DELIMITED)) continue;
      const packed = reader.bytes();
      if (packed.length > 0 && name !== field) refuseField(name, expected);
      count += packedCount(packed, wireTypeOf(name));
    }
  }
  return count;
}

function refuseField(other: ContentsField, { field, datatype, place }: Expected): never {
  refuse(`${datatype} goes into ${field}, not into ${other}`, `${place}.contents`);
}

function packedCount(packed: Uint8Array, wireType: number): number {
  if (wireType !== VARINT) {
    const size = wireType === FIXED32 ? 4 : 8;
    if (packed.length % size !== 0) throw new MalformedMessage();
    return packed.length / size;
  }
  let count = 0;
  for (let i = 0; i < packed.length; i++) if ((packed[i] as number) < 0x80) count++;
  return count;
}

function byteStringsOf(contents: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  const reader = new WireReader(contents);
  while (reader.next()) {
    if (FIELD_NUMBERS[reader.field] === 'bytes_contents') elements.push(reader.bytes());
    else reader.skip();
  }
  return elements;
}

type ReadElement = (reader: WireReader, index: number) => void;

/** Of contents in which only one field has elements. */
function readEach(contents: Uint8Array, read: ReadElement): void {
  const reader = new WireReader(contents);
  let index = 0;
  while (reader.next()) {
    if (FIELD_NUMBERS[reader.field] === undefined) reader.skip();
    else if (reader.wireType !== LENGTH_DELIMITED) read(reader, index++);
    else for (const packed = new WireReader(reader.bytes()); !packed.done; index++) read(packed, index);
  }
}

function boolReader(data: TypedArray): ReadElement {
  return (reader, index) => void (data[index] = reader.uint64() === 0n ? 0 : 1);
}

function elementReader(data: TypedArray, refuseValue: (value: number, index: number) => never): ReadElement {
  if (data instanceof Float32Array) return (reader, index) => void (data[index] = reader.float());
  if (data instanceof Float64Array) return (reader, index) => void (data[index] = reader.double());
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return (reader, index) => void (data[index] = reader.uint64());
  const signed = data instanceof Int8Array || data instanceof Int16Array || data instanceof Int32Array;
  return (reader, index) => {
    const value = signed ? reader.uint32() | 0 : reader.uint32();
    data[index] = value;
    // The message has 32 bits for the smaller ones too.
    if (data[index] !== value) refuseValue(value, index);
  };
}
