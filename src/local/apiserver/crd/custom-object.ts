/**
 * Validation of custom resources beyond metadata: schema, list types, the scale subresource's fields and CEL rules.
 * Source: apiextensions-apiserver/pkg/registry/customresource/{strategy,validator}.go.
 */
import type { KubeObject } from '../../../kube/index.js';
import { goText } from '../go-text.js';
import { isObject } from '../json.js';
import { hasRules, validateRulesOf } from '../cel/index.js';
import type { ScalePaths } from '../kinds/kind.js';
import { type Schema, validateSchema } from '../schema/index.js';
import { invalid } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';

export interface CustomKindSchema {
  readonly schema: Schema;
  readonly scale?: ScalePaths;
}

export interface CustomVerdict {
  readonly errors: FieldError[];
  /** Of rules an update breaks no more than the stored object did. */
  readonly warnings: string[];
}

const MAX_INT32 = 2 ** 31 - 1;

/** Judges a custom resource as created or (with `old`) as updated. */
export function validateCustom(kind: CustomKindSchema, object: KubeObject, old?: KubeObject): CustomVerdict {
  const errors = validateSchema(kind.schema, object, old === undefined ? {} : { old });
  const isBlocked = errors.some((error) => BLOCKING.has(error.reason));
  if (kind.scale !== undefined) errors.push(...validateScaleFields(kind.scale, object));
  if (!hasRules(kind.schema)) return { errors, warnings: [] };
  if (isBlocked) return { errors: [...errors, invalid('<nil>', null, RULES_NOT_CHECKED)], warnings: [] };
  const verdict = validateRulesOf(kind.schema, object, old);
  return { errors: [...errors, ...verdict.errors], warnings: verdict.warnings };
}

/** With these, a value may not have the type its rules were compiled for, or be too large for them. */
const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const RULES_NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

function validateScaleFields(scale: ScalePaths, object: KubeObject): FieldError[] {
  return [...replicasAt(scale.specReplicasPath, object), ...replicasAt(scale.statusReplicasPath, object)];
}

/** The number at a simple path; the server's accessor names the type it met on its way. */
function replicasAt(path: string, object: KubeObject): FieldError[] {
  const names = path.split('.').slice(1);
  let value: unknown = object;
  for (const [i, name] of names.entries()) {
    if (!isObject(value)) return [accessorError(path, value, 'map[string]interface{}')];
    value = Object.hasOwn(value, name) ? value[name] : undefined;
    if (value === undefined || (value === null && i === names.length - 1)) return [];
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) return [accessorError(path, value, 'int64')];
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > MAX_INT32 ? [invalid(path, value, `should be less than or equal to ${MAX_INT32}`)] : [];
}

function accessorError(path: string, value: unknown, wanted: string): FieldError {
  return invalid(
    path,
    0,
    `${path} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`,
  );
}

function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
