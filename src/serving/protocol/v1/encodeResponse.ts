/** A V1 prediction response, in the form of its request. */
import type { Buffer } from 'node:buffer';
import type { Result } from '../../../base/index.js';
import type { InferenceError, InferenceResponse } from '../inference.js';
import { quoted } from '../json/quoted.js';
import { JsonWriter } from '../json/writer.js';
import { refusalsAsErrors, refuse } from '../refusal.js';
import { elementCount } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { V1Form } from './decodeRequest.js';

/**
 * Rows: `{"predictions": […]}`, each row a bare value where the model has one output and an object otherwise.
 * Columns: `{"outputs": …}`. NaN and infinities are bare words, as TensorFlow Serving writes them.
 */
export function encodeV1Response(response: InferenceResponse, form: V1Form): Result<Buffer, InferenceError> {
  return refusalsAsErrors(() => {
    const writer = new JsonWriter(512, 'words');
    if (form === 'columns') writeColumns(writer, response.outputs);
    else writeRows(writer, response.outputs);
    return writer.finish();
  });
}

function writeColumns(writer: JsonWriter, outputs: readonly Tensor[]): void {
  writer.raw('{"outputs":');
  writeNamed(writer, outputs, (output) => writer.nested(output, 0, 0));
  writer.raw('}');
}

function writeRows(writer: JsonWriter, outputs: readonly Tensor[]): void {
  const rows = outputs[0]?.shape[0];
  for (const { name, shape } of outputs) {
    if (shape.length === 0 || shape[0] !== rows) {
      refuse(`the output "${name}" does not have one row per instance: use the column form, "inputs"`);
    }
  }
  const steps = outputs.map(({ shape }) => elementCount(shape.slice(1)) ?? 0);
  writer.raw('{"predictions":[');
  for (let row = 0; row < (rows ?? 0); row++) {
    if (row > 0) writer.raw(',');
    writeNamed(writer, outputs, (output, index) => writer.nested(output, 1, row * (steps[index] as number)));
  }
  writer.raw(']}');
}

/** One output stands for itself; several are members of an object. */
function writeNamed(
  writer: JsonWriter,
  outputs: readonly Tensor[],
  write: (output: Tensor, index: number) => void,
): void {
  const [only, ...others] = outputs;
  if (only !== undefined && others.length === 0) {
    write(only, 0);
    return;
  }
  outputs.forEach((output, index) => {
    writer.raw(`${index === 0 ? '{' : ','}${quoted(output.name)}:`);
    write(output, index);
  });
  writer.raw('}');
}
