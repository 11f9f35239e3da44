/** Rows of features, or of nested arrays, to the model's tensors. */
import { Buffer } from 'node:buffer';
import type { FeatureSpec } from '../../../api/index.js';
import { fail, ok, problem, type Problem, type Result } from '../../../base/index.js';
import { allocate } from '../datatype.js';
import type { JsonValue } from '../json/cursor.js';
import { refuse } from '../refusal.js';
import { elementCount, formatShape } from '../shape.js';
import type { Datatype, ModelSignature, Tensor, TensorData, TensorSignature } from '../tensor.js';

export type Row = Readonly<Record<string, JsonValue>>;

/** Turns validated rows into the model's inputs: each value is one that its datatype can hold. */
export type PackRows = (rows: readonly Row[]) => readonly Tensor[];

const PLACE = 'spec.input.features';

/**
 * How `features` become the inputs of the model: side by side in its only input, `[N, F]`, or each in the input of its
 * own name, `[N]` or `[N, 1]`. The error says which feature has no place.
 */
export function planFeatures(features: readonly FeatureSpec[], signature: ModelSignature): Result<PackRows> {
  const [only, ...others] = signature.inputs;
  if (only === undefined) return fail(mismatch('the model has no inputs'));
  const wide = others.length === 0 && only.shape.length === 2 && only.shape[1] !== 1;
  return wide ? planSideBySide(features, only) : planByName(features, signature);
}

function planSideBySide(features: readonly FeatureSpec[], input: TensorSignature): Result<PackRows> {
  const width = input.shape[1] as number;
  if (width !== -1 && width !== features.length) {
    return fail(
      mismatch(`names ${features.length} features, and the model's input "${input.name}" takes ${width}`),
    );
  }
  for (const feature of features) {
    const reason = unsuited(feature, input.datatype);
    if (reason !== undefined) return fail(mismatch(reason));
  }
  const names = features.map(({ name }) => name);
  return ok((rows) => {
    const values = rows.flatMap((row) => names.map((name) => row[name] as JsonValue));
    return [tensorOf(input, [rows.length, names.length], values)];
  });
}

function planByName(features: readonly FeatureSpec[], signature: ModelSignature): Result<PackRows> {
  for (const feature of features) {
    const input = signature.inputs.find(({ name }) => name === feature.name);
    if (input === undefined)
      return fail(mismatch(`the model has no input for the feature "${feature.name}"`));
    const reason = unsuited(feature, input.datatype);
    if (reason !== undefined) return fail(mismatch(reason));
  }
  for (const { name, shape } of signature.inputs) {
    if (!features.some((feature) => feature.name === name)) {
      return fail(mismatch(`no feature is named after the model's input "${name}"`));
    }
    if (shape.length !== 1 && !(shape.length === 2 && (shape[1] === 1 || shape[1] === -1))) {
      return fail(
        mismatch(`the input "${name}" of shape ${formatShape(shape)} takes more than one value a row`),
      );
    }
  }
  return ok((rows) =>
    signature.inputs.map((input) => {
      const values = rows.map((row) => row[input.name] as JsonValue);
      const shape = input.shape.length === 1 ? [rows.length] : [rows.length, 1];
      return tensorOf(input, shape, values);
    }),
  );
}

/** Without features, each input is a property with the nested arrays of one row. */
export function planInputs(signature: ModelSignature): Result<PackRows> {
  for (const { name, datatype, shape } of signature.inputs) {
    if (datatype === 'FP16' || datatype === 'BF16') {
      return fail(mismatch(`the input "${name}" is ${datatype}, which does not travel in JSON`));
    }
    if (shape.length === 0) return fail(mismatch(`the input "${name}" is a scalar and has no rows`));
  }
  return ok((rows) =>
    signature.inputs.map((input) => {
      const values: JsonValue[] = [];
      const inner = rowShape(rows[0]?.[input.name], input.shape.length - 1);
      for (const row of rows)
        flatten(row[input.name] as JsonValue, inner, 0, { into: values, name: input.name });
      return tensorOf(input, [rows.length, ...inner], values);
    }),
  );
}

function rowShape(value: JsonValue | undefined, rank: number): readonly number[] {
  const shape: number[] = [];
  let inner = value;
  while (shape.length < rank && Array.isArray(inner)) {
    shape.push(inner.length);
    inner = (inner as readonly JsonValue[])[0];
  }
  return shape;
}

interface Flat {
  readonly into: JsonValue[];
  readonly name: string;
}

function flatten(value: JsonValue, shape: readonly number[], axis: number, flat: Flat): void {
  if (axis === shape.length) {
    flat.into.push(value);
    return;
  }
  const elements = value as readonly JsonValue[];
  if (elements.length !== shape[axis]) refuse('every row must have the same shape', flat.name);
  for (const element of elements) flatten(element, shape, axis + 1, flat);
}

function tensorOf(input: TensorSignature, shape: readonly number[], values: readonly JsonValue[]): Tensor {
  const { name, datatype } = input;
  if (elementCount(shape) !== values.length || (input.shape[0] !== -1 && input.shape[0] !== shape[0])) {
    refuse(`the model's input "${name}" is ${formatShape(input.shape)}, not ${formatShape(shape)}`);
  }
  return { name, datatype, shape, data: dataOf(datatype, values) };
}

function dataOf(datatype: Datatype, values: readonly JsonValue[]): TensorData {
  if (datatype === 'BYTES') return values.map((value) => Buffer.from(value as string));
  const data = allocate(datatype, values.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    values.forEach((value, index) => (data[index] = BigInt(Number(value))));
  else values.forEach((value, index) => (data[index] = Number(value)));
  return data;
}

/** Why the feature cannot go into an input of this datatype; undefined when it can. */
function unsuited(feature: FeatureSpec, datatype: Datatype): string | undefined {
  const reason = `the feature "${feature.name}" is a ${feature.type}, which does not fit the model's ${datatype}`;
  if (datatype === 'FP16' || datatype === 'BF16') return reason;
  if (feature.type === 'string' || datatype === 'BYTES') {
    return feature.type === 'string' && datatype === 'BYTES' ? undefined : reason;
  }
  if (feature.type === 'boolean') return undefined;
  const whole = datatype !== 'FP32' && datatype !== 'FP64';
  return datatype === 'BOOL' || (whole && feature.type === 'number') ? reason : undefined;
}

function mismatch(message: string): Problem {
  return problem(
    'FeaturesMismatch',
    PLACE,
    message,
    "name the features as the model's signature has its inputs",
  );
}
