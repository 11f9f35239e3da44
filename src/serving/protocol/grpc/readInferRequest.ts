/**
 * A ModelInferRequest from its bytes. By hand, since what protobufjs makes of a message takes up to forty times the
 * bytes that came: a packed INT64 of one byte becomes a string. Tensors stay the bytes they are until their datatype
 * and shape are known to be the model's.
 */
import { Buffer } from 'node:buffer';
import { MAX_RANK } from '../shape.js';
import type { InferParameter, InferParameters, ModelInferRequest } from './messages.js';
import { FIXED64, LENGTH_DELIMITED, MalformedMessage, VARINT, WireReader } from './wireReader.js';

/** Inputs, outputs, blobs and parameters of one message: each may be of two bytes, and becomes an object. */
const MAX_PARTS = 16_384;

type InputTensor = ModelInferRequest['inputs'][number];

/** Throws MalformedMessage. The result's tensors are views of `bytes`. */
export function readInferRequest(bytes: Uint8Array): ModelInferRequest {
  const text = { model_name: '', model_version: '', id: '' };
  const parameters = new Map<string, InferParameter>();
  const inputs: InputTensor[] = [];
  const outputs: { name: string; parameters: InferParameters }[] = [];
  const blobs: Uint8Array[] = [];
  const reader = new WireReader(bytes);
  for (let parts = 0; reader.next(); parts++) {
    if (parts > MAX_PARTS) throw new MalformedMessage();
    if (reader.is(1, LENGTH_DELIMITED)) text.model_name = reader.text();
    else if (reader.is(2, LENGTH_DELIMITED)) text.model_version = reader.text();
    else if (reader.is(3, LENGTH_DELIMITED)) text.id = reader.text();
    else if (reader.is(4, LENGTH_DELIMITED)) readParameter(reader.bytes(), parameters);
    else if (reader.is(5, LENGTH_DELIMITED)) inputs.push(readInput(reader.bytes()));
    else if (reader.is(6, LENGTH_DELIMITED)) outputs.push(readOutput(reader.bytes()));
    else if (reader.is(7, LENGTH_DELIMITED)) blobs.push(reader.bytes());
    else reader.skip();
  }
  return {
    ...text,
    parameters: asObject(parameters),
    inputs,
    outputs,
    raw_input_contents: blobs,
    byteLength: bytes.byteLength,
  };
}

function readInput(bytes: Uint8Array): InputTensor {
  let [name, datatype] = ['', ''];
  const shape: number[] = [];
  const parameters = new Map<string, InferParameter>();
  let contents: Uint8Array | undefined;
  const reader = new WireReader(bytes);
  for (let parts = 0; reader.next(); parts++) {
    if (parts > MAX_PARTS) throw new MalformedMessage();
    if (reader.is(1, LENGTH_DELIMITED)) name = reader.text();
    else if (reader.is(2, LENGTH_DELIMITED)) datatype = reader.text();
    else if (reader.field === 3) readShape(reader, shape);
    else if (reader.is(4, LENGTH_DELIMITED)) readParameter(reader.bytes(), parameters);
    else if (reader.is(5, LENGTH_DELIMITED)) contents = merged(contents, reader.bytes());
    else reader.skip();
  }
  return { name, datatype, shape, parameters: asObject(parameters), contents };
}

/** Packed, as every client sends it, or one by one. More than a shape may have are read no further: they are refused. */
function readShape(reader: WireReader, shape: number[]): void {
  if (reader.wireType === VARINT) {
    if (shape.length <= MAX_RANK) shape.push(Number(BigInt.asIntN(64, reader.uint64())));
    else reader.skip();
    return;
  }
  if (!reader.is(3, LENGTH_DELIMITED)) return;
  const packed = new WireReader(reader.bytes());
  while (!packed.done && shape.length <= MAX_RANK) shape.push(Number(BigInt.asIntN(64, packed.uint64())));
}

/** A message that comes in two parts is both of them. */
function merged(before: Uint8Array | undefined, part: Uint8Array): Uint8Array {
  return before === undefined ? part : Buffer.concat([before, part]);
}

function readOutput(bytes: Uint8Array): { name: string; parameters: InferParameters } {
  const reader = new WireReader(bytes);
  const parameters = new Map<string, InferParameter>();
  let name = '';
  for (let parts = 0; reader.next(); parts++) {
    if (parts > MAX_PARTS) throw new MalformedMessage();
    if (reader.is(1, LENGTH_DELIMITED)) name = reader.text();
    else if (reader.is(2, LENGTH_DELIMITED)) readParameter(reader.bytes(), parameters);
    else reader.skip();
  }
  return { name, parameters: asObject(parameters) };
}

/** An entry of a map: the key is field 1, the value field 2. */
function readParameter(bytes: Uint8Array, parameters: Map<string, InferParameter>): void {
  const reader = new WireReader(bytes);
  let name = '';
  let value: InferParameter = {};
  while (reader.next()) {
    if (reader.is(1, LENGTH_DELIMITED)) name = reader.text();
    else if (reader.is(2, LENGTH_DELIMITED)) value = readValue(reader.bytes());
    else reader.skip();
  }
  parameters.set(name, value);
}

/** Of several choices the last one counts. */
function readValue(bytes: Uint8Array): InferParameter {
  const reader = new WireReader(bytes);
  let value: InferParameter = {};
  while (reader.next()) {
    if (reader.is(1, VARINT)) value = { bool_param: reader.uint64() !== 0n };
    else if (reader.is(2, VARINT)) value = { int64_param: BigInt.asIntN(64, reader.uint64()).toString() };
    else if (reader.is(3, LENGTH_DELIMITED)) value = { string_param: reader.text() };
    else if (reader.is(4, FIXED64)) value = { double_param: reader.double() };
    else if (reader.is(5, VARINT)) value = { uint64_param: reader.uint64().toString() };
    else reader.skip();
  }
  return value;
}

function asObject(parameters: ReadonlyMap<string, InferParameter>): InferParameters {
  return Object.fromEntries(parameters);
}
