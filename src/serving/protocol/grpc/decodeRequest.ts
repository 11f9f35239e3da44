/** A ModelInferRequest of gRPC as a request of any other protocol. */
import type { Result } from '../../../base/index.js';
import { isDatatype } from '../datatype.js';
import type { InferenceError, InferenceRequest, ParameterValue } from '../inference.js';
import { refusalsAsErrors, refuse } from '../refusal.js';
import { MAX_RANK } from '../shape.js';
import { checkInput, checkInputNames, checkOutputNames, declaredInput } from '../signature.js';
import type { ModelSignature, Tensor, TensorData } from '../tensor.js';
import { decodeBinary } from '../v2/binary.js';
import { refuseOutputExtensions } from '../v2/parameters.js';
import type { InferParameter, InferParameters, ModelInferRequest } from './messages.js';
import { readContents, type TypedInput } from './readContents.js';
import { MalformedMessage } from './wireReader.js';

export interface GrpcRequest {
  readonly request: InferenceRequest;
  /** Whether the tensors came raw: the answer's go the same way. */
  readonly raw: boolean;
}

/**
 * Decodes a request for the model with `signature`. Tensors are raw (one blob per input, in order) or typed, never
 * both. Errors are InvalidArgument and name the place.
 */
export function decodeGrpcRequest(
  message: ModelInferRequest,
  signature: ModelSignature,
): Result<GrpcRequest, InferenceError> {
  return refusalsAsErrors(() => {
    const blobs = message.raw_input_contents;
    const raw = blobs.length > 0;
    if (raw && blobs.length !== message.inputs.length) {
      refuse(`it has ${blobs.length} blobs for ${message.inputs.length} inputs`, 'raw_input_contents');
    }
    const inputs = message.inputs.map((input, index) =>
      decodeInput(input, blobs[index], `inputs[${index}]`, signature),
    );
    checkInputNames(signature, inputs);
    const wanted = message.outputs;
    checkOutputNames(signature, wanted);
    wanted.forEach(({ parameters }, index) =>
      refuseOutputExtensions(namedParameters(parameters), `outputs[${index}].parameters`),
    );
    const request = {
      inputs,
      outputs: wanted.map(({ name }) => ({ name, binary: true })),
      binaryOutputs: true,
      parameters: decodeParameters(message.parameters),
    };
    // proto3 has no difference between an empty id and none.
    return {
      raw,
      request: message.id === '' ? request : { id: message.id, ...request },
    };
  });
}

const NOTHING = new Uint8Array();

function decodeInput(
  input: ModelInferRequest['inputs'][number],
  blob: Uint8Array | undefined,
  place: string,
  signature: ModelSignature,
): Tensor {
  const { name, datatype, contents } = input;
  if (!isDatatype(datatype))
    refuse(`"${datatype.slice(0, 40)}" is no datatype (they are written in capitals)`, `${place}.datatype`);
  const { shape } = input;
  checkDimensions(shape, `${place}.shape`);
  checkInput(declaredInput(signature, name, place), datatype, shape, place);
  if (input.parameters.shared_memory_region !== undefined) refuse('shared memory is not supported', place);
  if (blob === undefined) {
    const data = typedData(contents ?? NOTHING, { datatype, shape, place });
    return { name, datatype, shape, data };
  }
  if (contents !== undefined && contents.byteLength > 0)
    refuse('it has contents beside raw_input_contents: exactly one may be given', `${place}.contents`);
  return { name, datatype, shape, data: decodeBinary(datatype, shape, blob, place) };
}

/** With those that have no value, which name what is asked for all the same. */
function namedParameters(parameters: InferParameters): Readonly<Record<string, ParameterValue>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, parameterValue(parameter) ?? '']),
  );
}

function typedData(contents: Uint8Array, input: TypedInput): TensorData {
  try {
    return readContents(contents, input);
  } catch (error) {
    if (error instanceof MalformedMessage) refuse('it is no InferTensorContents', `${input.place}.contents`);
    throw error;
  }
}

function checkDimensions(shape: readonly number[], place: string): void {
  if (shape.length > MAX_RANK) refuse(`it has more than ${MAX_RANK} dimensions`, place);
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) refuse(`a dimension is 0 or more, not ${size}`, place);
  }
}

function decodeParameters(parameters: InferParameters): Readonly<Record<string, ParameterValue>> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, parameter]) => {
      const value = parameterValue(parameter);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function parameterValue(parameter: InferParameter): ParameterValue | undefined {
  const { bool_param, string_param, double_param } = parameter;
  const integer = parameter.int64_param ?? parameter.uint64_param;
  return bool_param ?? string_param ?? double_param ?? (integer === undefined ? undefined : Number(integer));
}
