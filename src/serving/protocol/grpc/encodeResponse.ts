/** An answer as gRPC's ModelInferResponse. */
import { Buffer } from 'node:buffer';
import type { InferenceResponse, ParameterValue } from '../inference.js';
import type { Tensor } from '../tensor.js';
import { encodeBinary } from '../v2/binary.js';
import { encodeContents, hasTypedContents } from './contents.js';
import type { InferParameter, ModelInferResponse } from './messages.js';

/**
 * `raw`: as the request's tensors came. One output without typed contents (FP16, BF16) makes them all raw, since a
 * message has either.
 */
export function encodeGrpcResponse(response: InferenceResponse, raw: boolean): ModelInferResponse {
  const allRaw = raw || response.outputs.some(({ datatype }) => !hasTypedContents(datatype));
  return {
    model_name: response.modelName,
    model_version: response.modelVersion,
    id: response.id ?? '',
    parameters: Object.fromEntries(
      Object.entries(response.parameters ?? {}).map(([name, value]) => [name, encodeParameter(value)]),
    ),
    outputs: response.outputs.map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: output.shape,
      ...(!allRaw && { contents: encodeContents(output) }),
    })),
    raw_output_contents: allRaw ? response.outputs.map(rawContents) : [],
  };
}

function rawContents(tensor: Tensor): Buffer {
  const bytes = encodeBinary(tensor);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function encodeParameter(value: ParameterValue): InferParameter {
  if (typeof value === 'boolean') return { bool_param: value };
  if (typeof value === 'string') return { string_param: value };
  return Number.isSafeInteger(value) ? { int64_param: value } : { double_param: value };
}
