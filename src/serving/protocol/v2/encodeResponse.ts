/**
 * A V2 inference response as an HTTP body: JSON, and behind it the outputs that travel in binary.
 * Sources: open-inference-protocol (HTTP/REST, Inference) and Triton's binary tensor data extension.
 */
import type { Result } from '../../../base/index.js';
import { travelsInJson } from '../datatype.js';
import type { InferenceError, InferenceRequest, InferenceResponse } from '../inference.js';
import { quoted } from '../json/quoted.js';
import { JsonWriter } from '../json/writer.js';
import { refusalsAsErrors, refuse } from '../refusal.js';
import type { Tensor } from '../tensor.js';
import { binaryByteLength, encodeBinary } from './binary.js';

/** A body ready for `writev`: its parts in order, views of the tensors' own memory where that can be. */
export interface EncodedResponse {
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
  readonly contentType: 'application/json' | 'application/octet-stream';
  /** For the Inference-Header-Content-Length header, when something is in binary. */
  readonly headerLength?: number;
}

/** What the request asked for: which outputs travel in binary. */
export type WantedEncoding = Pick<InferenceRequest, 'outputs' | 'binaryOutputs'>;

/**
 * Encodes a response the way its request wanted it. The error is InvalidArgument: an output was asked for as JSON and
 * has no JSON form (FP16, BF16, bytes that are no text).
 */
export function encodeInferResponse(
  response: InferenceResponse,
  wanted: WantedEncoding,
): Result<EncodedResponse, InferenceError> {
  return refusalsAsErrors(() => {
    const writer = new JsonWriter(expectedBytes(response.outputs), 'words');
    const blobs: Uint8Array[] = [];
    writeHead(writer, response);
    let between = '';
    for (const output of response.outputs) {
      const { name, datatype, shape } = output;
      writer.raw(`${between}{"name":${quoted(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],`);
      if (isBinary(name, wanted)) {
        writer.raw(`"parameters":{"binary_data_size":${binaryByteLength(output)}}}`);
        blobs.push(encodeBinary(output));
      } else writeData(writer, output);
      between = ',';
    }
    writer.raw(']}');
    return assemble(writer.finish(), blobs);
  });
}

function writeHead(writer: JsonWriter, { id, modelName, modelVersion, parameters }: InferenceResponse): void {
  if (id === undefined) writer.raw('{');
  else {
    writer.raw('{"id":');
    writer.value(id);
    writer.raw(',');
  }
  writer.raw(`"model_name":${quoted(modelName)},"model_version":${quoted(modelVersion)},`);
  if (parameters !== undefined) {
    writer.raw('"parameters":');
    writer.value(parameters);
    writer.raw(',');
  }
  writer.raw('"outputs":[');
}

function writeData(writer: JsonWriter, output: Tensor): void {
  if (!travelsInJson(output.datatype)) {
    refuse(`the output "${output.name}" is ${output.datatype}, which does not travel in JSON`, 'outputs');
  }
  writer.raw('"data":[');
  writer.elements(output, 0, output.data.length);
  writer.raw(']}');
}

function isBinary(name: string, wanted: WantedEncoding): boolean {
  return wanted.outputs.find((output) => output.name === name)?.binary ?? wanted.binaryOutputs;
}

function assemble(json: Uint8Array, blobs: readonly Uint8Array[]): EncodedResponse {
  if (blobs.length === 0)
    return { chunks: [json], byteLength: json.byteLength, contentType: 'application/json' };
  return {
    chunks: [json, ...blobs.filter((blob) => blob.byteLength > 0)],
    byteLength: blobs.reduce((sum, blob) => sum + blob.byteLength, json.byteLength),
    contentType: 'application/octet-stream',
    headerLength: json.byteLength,
  };
}

/** Enough for small responses; large ones reserve what their elements need when they come to them. */
function expectedBytes(outputs: readonly Tensor[]): number {
  return 512 + outputs.reduce((sum, output) => sum + 64 + Math.min(output.data.length * 12, 4096), 0);
}
