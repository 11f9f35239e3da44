/** A request whose whole body is the one input's bytes (header length 0). Source: Triton, "Raw Binary Request". */
import { elementBytes } from '../datatype.js';
import type { InferenceRequest } from '../inference.js';
import { refuse } from '../refusal.js';
import { elementCount, formatShape } from '../shape.js';
import type { ModelSignature, Tensor, TensorSignature } from '../tensor.js';
import { decodeBinary } from './binary.js';
import { NO_PARAMETERS } from './parameters.js';

/** The shape is the model's, its variable dimension (one at most) taken from the size; all answers go back in binary. */
export function decodeRawRequest(body: Uint8Array, signature: ModelSignature): InferenceRequest {
  const [input, ...others] = signature.inputs;
  if (input === undefined || others.length > 0) {
    refuse(`a raw request needs a model with one input; this one has ${signature.inputs.length}`);
  }
  return {
    inputs: [rawTensor(input, body)],
    outputs: [],
    binaryOutputs: true,
    parameters: NO_PARAMETERS,
  };
}

function rawTensor({ name, datatype, shape: declared }: TensorSignature, body: Uint8Array): Tensor {
  const variable = declared.filter((dimension) => dimension === -1).length;
  if (variable > 1) {
    refuse(
      `a raw request needs an input with one variable dimension at most; "${name}" is ${formatShape(declared)}`,
    );
  }
  if (datatype === 'BYTES') {
    const shape = declared.map((dimension) => (dimension === -1 ? 1 : dimension));
    if (elementCount(shape) !== 1) {
      refuse(`a raw request carries one BYTES element; "${name}" is ${formatShape(declared)}`);
    }
    return { name, datatype, shape, data: [body] };
  }
  const fixed = elementCount(declared.filter((dimension) => dimension !== -1));
  const unit = (fixed ?? Infinity) * elementBytes(datatype);
  const size = unit === 0 ? 0 : body.byteLength / unit;
  if (variable === 1 && !Number.isInteger(size)) {
    refuse(
      `the body has ${body.byteLength} bytes, which is no multiple of the ${unit} bytes of a row of "${name}"`,
    );
  }
  const shape = declared.map((dimension) => (dimension === -1 ? size : dimension));
  return { name, datatype, shape, data: decodeBinary(datatype, shape, body, name) };
}
