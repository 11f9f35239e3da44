/**
 * The typed endpoint: one row as `{"features": {…}}`, several as `{"instances": [{…}, …]}`, with the fields that
 * `spec.input.features` names, or, where it names none, the model's own inputs as nested arrays.
 */
import type { Buffer } from 'node:buffer';
import type { FeatureSpec } from '../../../api/index.js';
import { fail, ok, problem, type Result } from '../../../base/index.js';
import { travelsInJson } from '../datatype.js';
import type { InferenceError, InferenceRequest, InferenceResponse } from '../inference.js';
import { JsonCursor, type JsonValue } from '../json/cursor.js';
import { quoted } from '../json/quoted.js';
import { JsonWriter } from '../json/writer.js';
import { refusalsAsErrors, refuse } from '../refusal.js';
import { elementCount } from '../shape.js';
import type { ModelSignature, Tensor } from '../tensor.js';
import { type PackRows, planFeatures, planInputs } from './packing.js';
import {
  featureRowSchema,
  inputRowSchema,
  isBareValue,
  type JsonSchema,
  outputRowSchema,
} from './rowSchema.js';
import { type CheckRow, compileRowCheck } from './validation.js';

export interface TypedRequest {
  readonly request: InferenceRequest;
  /** Whether it came as `instances`. */
  readonly batch: boolean;
}

export interface TypedEndpoint {
  /** JSON Schema of one row of the request, and of one row of the answer. */
  readonly rowSchema: JsonSchema;
  readonly predictionSchema: JsonSchema;
  /** Errors are InvalidArgument and name the field: `features.volume_5d: must be >= 0`. */
  decode(body: Uint8Array): Result<TypedRequest, InferenceError>;
  /** `{"model_name", "model_version", "prediction": {…}}`, or `"predictions": [{…}, …]` for a batch. */
  encode(response: InferenceResponse, batch: boolean): Result<Buffer, InferenceError>;
}

/** Fails with FeaturesMismatch when the features are not those of the model. Call it once, when the model is loaded. */
export function createTypedEndpoint(
  features: readonly FeatureSpec[],
  signature: ModelSignature,
): Result<TypedEndpoint> {
  const untyped = signature.outputs.find(({ datatype }) => !travelsInJson(datatype));
  if (untyped !== undefined) {
    return fail(
      problem(
        'FeaturesMismatch',
        'spec.input.features',
        `the output "${untyped.name}" does not travel in JSON`,
      ),
    );
  }
  const pack = features.length > 0 ? planFeatures(features, signature) : planInputs(signature);
  if (!pack.ok) return pack;
  const rowSchema = rowSchemaOf(features, signature);
  const check = compileRowCheck(rowSchema);
  const bare = new Set(signature.outputs.filter(({ shape }) => isBareValue(shape)).map(({ name }) => name));
  return ok({
    rowSchema,
    predictionSchema: outputRowSchema(signature.outputs),
    decode: (body) => refusalsAsErrors(() => decodeRows(body, check, pack.value)),
    encode: (response, batch) => refusalsAsErrors(() => encodeRows(response, batch, bare)),
  });
}

/** Of features side by side in the only input, or each in the input of its name: see packing.ts. */
function rowSchemaOf(features: readonly FeatureSpec[], { inputs }: ModelSignature): JsonSchema {
  if (features.length === 0) return inputRowSchema(inputs);
  return featureRowSchema(
    features,
    (feature) => (inputs.find(({ name }) => name === feature) ?? inputs[0])?.datatype,
  );
}

function decodeRows(body: Uint8Array, check: CheckRow, pack: PackRows): TypedRequest {
  const cursor = new JsonCursor(body);
  let features: JsonValue | undefined;
  let instances: JsonValue | undefined;
  cursor.readObject((key) => {
    if ((key === 'features' && features !== undefined) || (key === 'instances' && instances !== undefined)) {
      refuse('the member is given twice', key);
    }
    if (key === 'features') features = cursor.readValue();
    else if (key === 'instances') instances = cursor.readValue();
    else refuse('is unknown: the body has "features" (one row) or "instances" (rows)', key);
  });
  cursor.expectEnd();
  const batch = instances !== undefined;
  if (batch === (features !== undefined)) {
    refuse('the body must have either "features" (one row) or "instances" (rows)');
  }
  if (batch && (!Array.isArray(instances) || instances.length === 0)) {
    refuse('must be an array with one row at least', 'instances');
  }
  const rows = batch
    ? (instances as readonly JsonValue[]).map((row, index) => check(row, `instances[${index}]`))
    : [check(features as JsonValue, 'features')];
  return { batch, request: { inputs: pack(rows), outputs: [], binaryOutputs: false, parameters: {} } };
}

/** `bare`: the outputs whose rows are single values. */
function encodeRows(response: InferenceResponse, batch: boolean, bare: ReadonlySet<string>): Buffer {
  const rows = batch ? (response.outputs[0]?.shape[0] ?? 0) : 1;
  for (const { name, shape } of response.outputs) {
    if (shape[0] !== rows)
      refuse(`the output "${name}" does not have one row per instance: use the V2 endpoint`);
  }
  const writer = new JsonWriter(512, 'null');
  const [name, version] = [quoted(response.modelName), quoted(response.modelVersion)];
  writer.raw(`{"model_name":${name},"model_version":${version}`);
  writer.raw(batch ? ',"predictions":[' : ',"prediction":');
  for (let row = 0; row < rows; row++) {
    if (row > 0) writer.raw(',');
    writer.raw('{');
    response.outputs.forEach((output, index) => {
      writer.raw(`${index === 0 ? '' : ','}${quoted(output.name)}:`);
      writeOutputRow(writer, output, row, bare.has(output.name));
    });
    writer.raw('}');
  }
  writer.raw(batch ? ']}' : '}');
  return writer.finish();
}

function writeOutputRow(writer: JsonWriter, output: Tensor, row: number, bare: boolean): void {
  const step = elementCount(output.shape.slice(1)) ?? 0;
  if (bare) writer.elements(output, row * step, row * step + 1);
  else writer.nested(output, 1, row * step);
}
