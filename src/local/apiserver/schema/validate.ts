/**
 * Validation of a value against its schema, with the messages of a current API server.
 * Source: k8s.io/kube-openapi/pkg/validation/validate and apiextensions-apiserver/pkg/apiserver/validation, with
 * ratcheting (KEP-4008): what an update leaves as it was is not judged again.
 */
import { equalJson, isObject, type JsonObject } from '../json.js';
import type { FieldError } from '../status.js';
import { oldField, oldItem } from './correlate.js';
import { child, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from './field-errors.js';
import { matchesFormat } from './formats.js';
import { fieldSchema, validateListTypes } from './list-types.js';
import { validateNumber } from './numbers.js';
import { patternMatches } from './regular-expression.js';
import type { Schema } from './schema.js';

export interface ValidateOptions {
  /** The stored object of an update: invalid parts that are equal in it pass. */
  readonly old?: unknown;
  readonly path?: string;
}

/** Every error of `value`; none when it has the schema's type. */
export function validateSchema(schema: Schema, value: unknown, options: ValidateOptions = {}): FieldError[] {
  const path = options.path ?? '';
  const errors = validateNode(schema, value, path, options.old);
  const alreadyTwice = options.old !== undefined && validateListTypes(schema, options.old, path).length > 0;
  if (!alreadyTwice) errors.push(...validateListTypes(schema, value, path));
  return errors;
}

function validateNode(schema: Schema, value: unknown, path: string, old: unknown): FieldError[] {
  const errors = [...validateType(schema, value, path), ...validateCombined(schema, value, path, old)];
  if (value !== null) errors.push(...validateByKind(schema, value, path, old));
  errors.push(...validateEnum(schema, value, path));
  const unchanged = errors.length > 0 && old !== undefined && equalJson(value, old);
  return unchanged ? [] : errors;
}

function validateByKind(schema: Schema, value: unknown, path: string, old: unknown): FieldError[] {
  if (typeof value === 'string') return validateString(schema, value, path);
  if (typeof value === 'number') return validateNumber(schema, value, path);
  if (Array.isArray(value)) return validateArray(schema, value, path, old);
  return isObject(value) ? validateObject(schema, value, path, old) : [];
}

/** The JSON type and Go's name of the value's format. */
function typeOf(value: unknown): { type: string; format: string } {
  if (value === null) return { type: 'null', format: '' };
  if (Array.isArray(value)) return { type: 'array', format: '' };
  if (typeof value !== 'number') return { type: typeof value, format: '' };
  return Number.isInteger(value)
    ? { type: 'integer', format: 'int64' }
    : { type: 'number', format: 'float64' };
}

function typesOf(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined ? [] : [schema.type];
}

function validateType(schema: Schema, value: unknown, path: string): FieldError[] {
  const types = typesOf(schema);
  const actual = typeOf(value);
  if (types.length === 0) return [];
  if (value === null) return schema.nullable === true ? [] : [wrongType(path, types.join(','), 'null')];
  const fits = types.includes(actual.type) || (actual.type === 'integer' && types.includes('number'));
  const numeric = types.includes('number') || types.includes('integer');
  const textual = typeof value === 'string' || Array.isArray(value);
  const format = schema.format ?? '';
  if (!textual && format !== '' && !fits && format !== actual.format)
    return [wrongType(path, format, actual.format)];
  if (!numeric && format !== '' && textual && fits) return [];
  return fits ? [] : [wrongType(path, types.join(','), actual.type)];
}

function wrongType(path: string, wanted: string, actual: string): FieldError {
  return typeInvalid(path, actual, `${path} in body must be of type ${wanted}: "${actual}"`);
}

function validateEnum(schema: Schema, value: unknown, path: string): FieldError[] {
  if (schema.enum === undefined || schema.enum.some((allowed) => equalJson(allowed, value))) return [];
  return [notSupported(path, value, schema.enum)];
}

/** The first of a text's own rules it breaks, as the server stops there, and its format. */
function validateString(schema: Schema, value: string, path: string): FieldError[] {
  const { format } = schema;
  const errors = brokenTextRule(schema, value, path);
  if (format !== undefined && typesOf(schema).includes('string') && !matchesFormat(format, value)) {
    errors.push(typeInvalid(path, value, `${path} in body must be of type ${format}: "${value}"`));
  }
  return errors;
}

function brokenTextRule(
  { maxLength, minLength, pattern }: Schema,
  value: string,
  path: string,
): FieldError[] {
  const length = maxLength === undefined && minLength === undefined ? 0 : [...value].length;
  if (maxLength !== undefined && length > maxLength) return [tooLong(path, maxLength)];
  if (minLength !== undefined && length < minLength) {
    return [invalid(path, value, `${path} in body should be at least ${minLength} chars long`)];
  }
  if (pattern === undefined || keepsPattern(pattern, value)) return [];
  return [invalid(path, value, `${path} in body should match '${pattern}'`)];
}

/** A text that would take too long to match is refused as one that does not match. */
function keepsPattern(pattern: string, value: string): boolean {
  try {
    return patternMatches(pattern, value);
  } catch {
    return false;
  }
}

function validateArray(schema: Schema, value: unknown[], path: string, old: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const { items, minItems, maxItems } = schema;
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  if (items === undefined) return errors;
  value.forEach((item, i) => {
    errors.push(...validateNode(items, item, `${path}[${i}]`, oldItem(schema, old, item)));
  });
  return errors;
}

function validateObject(schema: Schema, value: JsonObject, path: string, old: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const names = Object.keys(value);
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && names.length < minProperties) {
    const message = `${path} in body should have at least ${minProperties} properties`;
    return [invalid(path, minProperties, message)];
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    return [tooMany(path, names.length, maxProperties)];
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) errors.push(required(child(path, name)));
  }
  for (const name of names) {
    const node = fieldSchema(schema, name);
    if (node === undefined) continue;
    errors.push(...validateNode(node, value[name], child(path, name), oldField(schema, old, name)));
  }
  return errors;
}

function validateCombined(schema: Schema, value: unknown, path: string, old: unknown): FieldError[] {
  const failures = (list: readonly Schema[]) => list.map((one) => validateNode(one, value, path, old));
  const says = (rule: string) => invalid('<nil>', '', `"${path}" must ${rule}`);
  const errors: FieldError[] = [];
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const results = failures(schema.anyOf);
    if (results.every((result) => result.length > 0)) {
      errors.push(says('validate at least one schema (anyOf)'), ...(results[0] ?? []));
    }
  }
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
    const results = failures(schema.oneOf);
    const valid = results.filter((result) => result.length === 0).length;
    const rule = 'validate one and only one schema (oneOf)';
    if (valid === 0) errors.push(says(`${rule}. Found none valid`), ...(results[0] ?? []));
    if (valid > 1) errors.push(says(`${rule}. Found ${valid} valid alternatives`));
  }
  if (schema.allOf !== undefined && schema.allOf.length > 0) {
    const failed = failures(schema.allOf).filter((result) => result.length > 0);
    if (failed.length > 0) {
      const none = failed.length === schema.allOf.length ? '. None validated' : '';
      errors.push(says(`validate all the schemas (allOf)${none}`), ...failed.flat());
    }
  }
  if (schema.not !== undefined && validateNode(schema.not, value, path, old).length === 0) {
    errors.push(says('not validate the schema (not)'));
  }
  return errors;
}
