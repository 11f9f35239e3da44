/** JSON Schema (2020-12) of what the typed endpoint takes and gives: for validation, and for the API's docs. */
import type { FeatureSpec } from '../../../api/index.js';
import type { Datatype, TensorSignature } from '../tensor.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Integers that doubles, and so JSON numbers in most clients, hold exactly. */
const SAFE = Number.MAX_SAFE_INTEGER;

const LARGEST_FP32 = (2 - 2 ** -23) * 2 ** 127;

/** What each datatype can hold; every number that JSON can write fits FP64. */
const RANGES: Readonly<Partial<Record<Datatype, readonly [number, number]>>> = {
  UINT8: [0, 255],
  UINT16: [0, 65535],
  UINT32: [0, 4294967295],
  UINT64: [0, SAFE],
  INT8: [-128, 127],
  INT16: [-32768, 32767],
  INT32: [-2147483648, 2147483647],
  INT64: [-SAFE, SAFE],
  FP32: [-LARGEST_FP32, LARGEST_FP32],
};

/** An object with one property a feature. `datatypeOf` tells of the input that a feature goes into, by its name. */
export function featureRowSchema(
  features: readonly FeatureSpec[],
  datatypeOf: (feature: string) => Datatype | undefined,
): JsonSchema {
  return objectSchema(
    features.map((feature) => [feature.name, featureSchema(feature, datatypeOf(feature.name))]),
    features.filter((feature) => feature.default === undefined).map(({ name }) => name),
  );
}

function featureSchema(feature: FeatureSpec, datatype: Datatype | undefined): JsonSchema {
  const { type, description, unit, example } = feature;
  const { minimum, maximum } = rangeOf(feature, datatype);
  const sentence = [description, unit === undefined ? undefined : `Unit: ${unit}.`].filter(
    (part) => part !== undefined,
  );
  return {
    type,
    ...(sentence.length > 0 && { description: sentence.join(' ') }),
    ...(unit !== undefined && { 'x-unit': unit }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(feature.enum !== undefined && { enum: feature.enum }),
    ...(feature.default !== undefined && { default: feature.default }),
    ...(example !== undefined && { examples: [example] }),
  };
}

/** The declared range, as far as the tensor can hold it. */
function rangeOf(
  { type, minimum, maximum }: FeatureSpec,
  datatype: Datatype | undefined,
): Pick<FeatureSpec, 'minimum' | 'maximum'> {
  const range = datatype === undefined || type === 'boolean' ? undefined : RANGES[datatype];
  if (range === undefined) return { minimum, maximum };
  return {
    minimum: Math.max(minimum ?? -Infinity, range[0]),
    maximum: Math.min(maximum ?? Infinity, range[1]),
  };
}

/** An object with one property an input, each the nested arrays of one row. */
export function inputRowSchema(inputs: readonly TensorSignature[]): JsonSchema {
  return objectSchema(
    inputs.map(({ name, datatype, shape }) => [name, nested(elementSchema(datatype), shape.slice(1))]),
    inputs.map(({ name }) => name),
  );
}

/** An object with one property an output: a bare value where a row has one element. */
export function outputRowSchema(outputs: readonly TensorSignature[]): JsonSchema {
  return objectSchema(
    outputs.map(({ name, datatype, shape }) => {
      const { type } = elementSchema(datatype);
      const element = { type };
      // NaN and infinities are null.
      const value = datatype.startsWith('FP') ? { ...element, type: ['number', 'null'] } : element;
      return [name, nested(value, isBareValue(shape) ? [] : shape.slice(1))];
    }),
    outputs.map(({ name }) => name),
  );
}

/** Whether one row of an output of this shape is a single element, `[N]` or `[N, 1]`. */
export function isBareValue(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1);
}

function elementSchema(datatype: Datatype): JsonSchema {
  if (datatype === 'BOOL') return { type: 'boolean' };
  if (datatype === 'BYTES') return { type: 'string' };
  const type = datatype.startsWith('FP') ? 'number' : 'integer';
  const range = RANGES[datatype];
  return range === undefined ? { type } : { type, minimum: range[0], maximum: range[1] };
}

function nested(element: JsonSchema, shape: readonly number[]): JsonSchema {
  return shape.reduceRight<JsonSchema>(
    (items, size) => ({ type: 'array', items, ...(size >= 0 && { minItems: size, maxItems: size }) }),
    element,
  );
}

function objectSchema(
  properties: readonly (readonly [string, JsonSchema])[],
  required: readonly string[],
): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}
