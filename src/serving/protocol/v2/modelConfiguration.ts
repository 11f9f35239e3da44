/** What a model's configuration looks like to Triton's tools. Source: Triton's model configuration extension. */
import type { Datatype, ModelSignature, TensorSignature } from '../tensor.js';

export interface ModelConfiguration {
  readonly name: string;
  readonly platform: 'onnxruntime_onnx';
  readonly backend: 'onnxruntime';
  /** 0: the shapes below are whole, the batch dimension included. */
  readonly max_batch_size: 0;
  readonly input: readonly ConfiguredTensor[];
  readonly output: readonly ConfiguredTensor[];
}

interface ConfiguredTensor {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
}

/** The body of `GET /v2/models/M/config`. */
export function modelConfiguration(name: string, signature: ModelSignature): ModelConfiguration {
  return {
    name,
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    max_batch_size: 0,
    input: signature.inputs.map(configured),
    output: signature.outputs.map(configured),
  };
}

function configured({ name, datatype, shape }: TensorSignature): ConfiguredTensor {
  return { name, data_type: configuredType(datatype), dims: shape };
}

/** Triton's configuration has its own names. */
function configuredType(datatype: Datatype): string {
  return datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`;
}
