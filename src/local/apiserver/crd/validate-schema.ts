/**
 * The schema of a version: which of JSON Schema may be used, lists' types, patterns and defaults.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema).
 */
import { cloneJson } from '../json.js';
import { pruneUnknown, type Schema, validateSchema } from '../schema/index.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-errors.js';
import { compilePattern } from '../schema/regular-expression.js';
import type { FieldError } from '../status.js';
import { combinedNodes, structuralNodes } from './schema-walk.js';
import { validateStructure } from './validate-structure.js';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = [
  '$ref',
  'definitions',
  'dependencies',
  'id',
  'patternProperties',
  'additionalItems',
  '$schema',
] as const;

/** Errors of a version's openAPIV3Schema, reported under `path`; CEL rules are checked apart. */
export function validateDefinitionSchema(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const node of structuralNodes(schema, path)) {
    errors.push(...validateKeywords(node.schema, node.path), ...validateListType(node.schema, node.path));
    errors.push(...validateCombinedKeywords(node.schema, node.path));
  }
  if (errors.length > 0) return errors;
  errors.push(...validateStructure(schema, path));
  if (errors.length > 0) return errors;
  for (const node of structuralNodes(schema, path)) errors.push(...validateDefault(node.schema, node.path));
  return errors;
}

function validateCombinedKeywords(schema: Schema, path: string): FieldError[] {
  return combinedNodes(schema, path).flatMap((node) => [
    ...validateKeywords(node.schema, node.path),
    ...validateCombinedKeywords(node.schema, node.path),
  ]);
}

function validateKeywords(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const raw = schema as Record<string, unknown>;
  for (const key of UNSUPPORTED) {
    if (raw[key] !== undefined) errors.push(forbidden(`${path}.${key}`, `${key} is not supported`));
  }
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(`${path}.uniqueItems`, detail));
  }
  const additional = schema.additionalProperties;
  if (additional === false) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
  } else if (additional !== undefined && Object.keys(schema.properties ?? {}).length > 0) {
    const detail = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbidden(`${path}.additionalProperties`, detail));
  }
  if (Array.isArray(schema.items)) {
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalid(field, false, 'must be true or undefined'));
  }
  return [...errors, ...validateTypeName(schema, path), ...validatePattern(schema, path)];
}

function validateTypeName(schema: Schema, path: string): FieldError[] {
  const type = schema.type as string | undefined;
  if (type === undefined || type === '' || TYPES.includes(type)) return [];
  if (type === 'null')
    return [forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative')];
  return [notSupported(`${path}.type`, type, TYPES)];
}

function validatePattern(schema: Schema, path: string): FieldError[] {
  if (schema.pattern === undefined) return [];
  const problem = patternProblem(schema.pattern);
  if (problem === undefined) return [];
  return [
    invalid(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${problem}`),
  ];
}

function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function validateListType(schema: Schema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'] as string | undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = `${path}.x-kubernetes-list-type`;
  if (listType === undefined) {
    return keys.length === 0 ? [] : [required(at, 'must be map if x-kubernetes-list-map-keys is non-empty')];
  }
  const errors: FieldError[] = [];
  if (schema.type !== 'array') {
    const detail = 'must be array if x-kubernetes-list-type is specified';
    const { type } = schema;
    errors.push(
      type === undefined ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail),
    );
  }
  if (!['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(at, listType, ['atomic', 'set', 'map']));
  }
  if (keys.length > 0 && listType !== 'map') {
    errors.push(invalid(at, listType, 'must be map if x-kubernetes-list-map-keys is non-empty'));
  }
  if (listType === 'map') errors.push(...validateMapList(schema, keys, path));
  if (listType === 'set') errors.push(...validateSetList(schema, path));
  return errors;
}

function validateMapList(schema: Schema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
  const items = schema.items;
  if (items === undefined) {
    errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    return errors;
  }
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items.type`, items.type ?? '', detail));
  }
  if (new Set(keys).size < keys.length) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
  for (const key of keys) {
    const property = items.properties?.[key];
    const field = `${path}.items.properties[${key}]`;
    if (property === undefined)
      errors.push(invalid(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'object' || property.type === 'array') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${field}.type`, property.type, detail));
    } else if (property.default === undefined && items.required?.includes(key) !== true) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${field}.default`, detail));
    }
  }
  return errors;
}

function validateSetList(schema: Schema, path: string): FieldError[] {
  const items = schema.items;
  if (items === undefined) {
    return [required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is set')];
  }
  const errors: FieldError[] = [];
  if (items.nullable === true) {
    errors.push(forbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'));
  }
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const mapType = items['x-kubernetes-map-type'];
  if (items.type === 'object' && mapType !== 'atomic') {
    errors.push(invalid(`${path}.items.x-kubernetes-map-type`, mapType ?? null, detail));
  }
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    errors.push(invalid(`${path}.items.x-kubernetes-list-type`, listType, detail));
  }
  return errors;
}

function validateDefault(schema: Schema, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  const at = `${path}.default`;
  const copy = { root: cloneJson(schema.default) };
  const holder: Schema = { type: 'object', properties: { root: schema } };
  if (pruneUnknown(holder, copy).length > 0)
    return [invalid(at, schema.default, 'must not have unknown fields')];
  return validateSchema(schema, schema.default, { path: at });
}
