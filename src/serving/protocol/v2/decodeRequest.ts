/**
 * A V2 inference request from an HTTP body: JSON, JSON with binary tensors behind it, or one raw tensor.
 * Sources: open-inference-protocol (HTTP/REST, Inference) and Triton's binary tensor data extension.
 */
import type { Result } from '../../../base/index.js';
import type { InferenceError, InferenceRequest, RequestedOutput } from '../inference.js';
import { JsonCursor, OPEN_BRACE, OPEN_BRACKET } from '../json/cursor.js';
import { refusalsAsErrors, refuse } from '../refusal.js';
import { checkInputNames, checkJsonOutputs, checkOutputNames } from '../signature.js';
import type { ModelSignature, Tensor } from '../tensor.js';
import { decodeBinary } from './binary.js';
import { type DecodedInput, decodeInput, readText, takeNull } from './decodeInput.js';
import {
  booleanParameter,
  NO_PARAMETERS,
  type Parameters,
  readParameters,
  refuseOutputExtensions,
} from './parameters.js';
import { decodeRawRequest } from './rawRequest.js';

export interface DecodeOptions {
  /** The value of the Inference-Header-Content-Length header, when the request has one. */
  readonly headerLength?: string | undefined;
}

/** Says how a named output should travel: true or false when the client said so, undefined when it did not. */
interface WantedOutput {
  readonly name: string;
  readonly binary: boolean | undefined;
}

const BINARY_OUTPUTS = 'binary_data_output';
const NO_OUTPUTS: readonly [] = [];
const NO_BLOBS = new Uint8Array(0);

interface Document {
  id?: string;
  inputs?: readonly DecodedInput[];
  outputs?: readonly WantedOutput[];
  parameters?: Parameters;
}

/**
 * Decodes a request for the model with `signature`. `body` is already decompressed; tensors may be views of it, so it
 * must not be reused. Any bytes at all are either a valid request or an InvalidArgument that names the place.
 */
export function decodeInferRequest(
  body: Uint8Array,
  signature: ModelSignature,
  options: DecodeOptions = {},
): Result<InferenceRequest, InferenceError> {
  return refusalsAsErrors(() => {
    const headerLength = readHeaderLength(options.headerLength, body.byteLength);
    if (headerLength === 0) return decodeRawRequest(body, signature);
    // A view costs as much as the reading of a few numbers: none is made for JSON alone.
    if (headerLength === body.byteLength) return assemble(readDocument(body, signature), NO_BLOBS, signature);
    const document = readDocument(body.subarray(0, headerLength), signature);
    return assemble(document, body.subarray(headerLength), signature);
  });
}

function readHeaderLength(header: string | undefined, bodyLength: number): number {
  if (header === undefined) return bodyLength === 0 ? refuse('the body is empty') : bodyLength;
  const length = /^[0-9]{1,15}$/.test(header) ? Number(header) : NaN;
  if (!(length <= bodyLength)) {
    refuse(
      `it must be a number of bytes within the body, which has ${bodyLength}`,
      'Inference-Header-Content-Length',
    );
  }
  return length;
}

function readDocument(json: Uint8Array, signature: ModelSignature): Document {
  const cursor = new JsonCursor(json);
  const document: Document = {};
  if (cursor.peek() !== OPEN_BRACE) cursor.fail('an object');
  cursor.readObject((key) => {
    cursor.place = key;
    if (takeNull(cursor)) return;
    if (isMember(key) && document[key] !== undefined) refuse('the member is given twice', key);
    if (key === 'id') document.id = readText(cursor);
    else if (key === 'parameters') document.parameters = readParameters(cursor, key);
    else if (key === 'inputs') document.inputs = readInputs(cursor, signature);
    else if (key === 'outputs') document.outputs = readOutputs(cursor);
    else cursor.skipValue();
    cursor.place = '';
  });
  cursor.expectEnd();
  return document;
}

function isMember(key: string): key is keyof Document {
  return key === 'id' || key === 'inputs' || key === 'outputs' || key === 'parameters';
}

function readInputs(cursor: JsonCursor, signature: ModelSignature): readonly DecodedInput[] {
  if (cursor.peek() !== OPEN_BRACKET) refuse('it must be an array', 'inputs');
  const inputs: DecodedInput[] = [];
  cursor.readArray((index) => {
    const input = decodeInput(cursor, `inputs[${index}]`, signature);
    if (inputs.some(({ name }) => name === input.name)) {
      refuse(`the input "${input.name}" is given twice`, `inputs[${index}].name`);
    }
    inputs.push(input);
  });
  return inputs;
}

function readOutputs(cursor: JsonCursor): readonly WantedOutput[] {
  if (cursor.peek() !== OPEN_BRACKET) refuse('it must be an array', 'outputs');
  const outputs: WantedOutput[] = [];
  cursor.readArray((index) => {
    if (index === MAX_OUTPUTS) refuse(`it names more than ${MAX_OUTPUTS} outputs`, 'outputs');
    outputs.push(readOutput(cursor, `outputs[${index}]`));
  });
  return outputs;
}

/** More outputs than any model has, so that a list of millions is refused early. */
const MAX_OUTPUTS = 4096;

function readOutput(cursor: JsonCursor, place: string): WantedOutput {
  let name: string | undefined;
  let parameters: Parameters | undefined;
  cursor.place = place;
  cursor.readObject((key) => {
    cursor.place = `${place}.${key}`;
    if (key === 'name') {
      if (name !== undefined) refuse('the member is given twice', cursor.place);
      name = readText(cursor);
    } else if (key === 'parameters') {
      if (parameters !== undefined) refuse('the member is given twice', cursor.place);
      if (!takeNull(cursor)) parameters = readParameters(cursor, `${place}.parameters`);
    } else cursor.skipValue();
    cursor.place = place;
  });
  if (name === undefined) refuse('it has no name', place);
  return { name, binary: outputEncoding(parameters ?? NO_PARAMETERS, `${place}.parameters`) };
}

function outputEncoding(parameters: Parameters, place: string): boolean | undefined {
  refuseOutputExtensions(parameters, place);
  return booleanParameter(parameters, 'binary_data', place);
}

function assemble(document: Document, blobs: Uint8Array, signature: ModelSignature): InferenceRequest {
  if (document.inputs === undefined) refuse('it is missing', 'inputs');
  const inputs = withBlobs(document.inputs, blobs);
  checkInputNames(signature, inputs);
  const { parameters, binaryOutputs } = splitParameters(document.parameters ?? NO_PARAMETERS);
  const outputs = wantedOutputs(document.outputs ?? NO_OUTPUTS, binaryOutputs, signature);
  const request = { inputs, outputs, binaryOutputs, parameters };
  return document.id === undefined ? request : { id: document.id, ...request };
}

/** binary_data_output is about the answer's form, and so no parameter of the prediction. */
function splitParameters(all: Parameters): { parameters: Parameters; binaryOutputs: boolean } {
  const binaryOutputs = booleanParameter(all, BINARY_OUTPUTS, 'parameters');
  if (binaryOutputs === undefined) return { parameters: all, binaryOutputs: false };
  const others = Object.entries(all).filter(([name]) => name !== BINARY_OUTPUTS);
  return { parameters: Object.fromEntries(others), binaryOutputs };
}

function wantedOutputs(
  wanted: readonly WantedOutput[],
  binaryOutputs: boolean,
  signature: ModelSignature,
): readonly RequestedOutput[] {
  if (wanted.length === 0) {
    if (!binaryOutputs) checkJsonOutputs(signature, signature.outputs);
    return NO_OUTPUTS;
  }
  checkOutputNames(signature, wanted);
  const outputs = wanted.map(({ name, binary }) => ({ name, binary: binary ?? binaryOutputs }));
  checkJsonOutputs(
    signature,
    outputs.filter(({ binary }) => !binary),
  );
  return outputs;
}

/** Hands each binary input its bytes, in the order of the JSON; the bytes must be used up exactly. */
function withBlobs(inputs: readonly DecodedInput[], blobs: Uint8Array): readonly Tensor[] {
  let position = 0;
  const tensors = inputs.map(({ name, datatype, shape, content }, index): Tensor => {
    if ('data' in content) return { name, datatype, shape, data: content.data };
    const place = `inputs[${index}]`;
    const end = position + content.binaryBytes;
    if (end > blobs.byteLength) {
      const left = blobs.byteLength - position;
      refuse(`binary_data_size is ${content.binaryBytes}, and ${left} bytes are left in the body`, place);
    }
    const data = decodeBinary(datatype, shape, blobs.subarray(position, end), place);
    position = end;
    return { name, datatype, shape, data };
  });
  if (position !== blobs.byteLength) {
    refuse(`${blobs.byteLength - position} bytes are left over behind the binary tensors`);
  }
  return tensors;
}
