/**
 * Whether a schema is structural: each value has one type, said where the value stands.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/validation.go.
 */
import type { Schema } from '../schema/index.js';
import { forbidden, invalid, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { combinedNodes, type Position, type SchemaNode, structuralNodes } from './schema-walk.js';

const MISSING_TYPE: Readonly<Record<Position, string>> = {
  root: 'must not be empty at the root',
  property: 'must not be empty for specified object fields',
  items: 'must not be empty for specified array items',
  additionalProperties: 'must not be empty for specified object fields',
};

/** Said in a combined schema, these would say what a value is and not only which values are valid. */
const NOT_IN_COMBINED = [
  ['description', 'empty'],
  ['type', 'empty'],
  ['default', 'undefined'],
  ['additionalProperties', 'undefined'],
  ['nullable', 'false'],
  ['title', 'empty'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
] as const;

export function validateStructure(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const node of structuralNodes(schema, path)) {
    errors.push(...validateCombinedNodes(node.schema, node.schema, node.path, 0));
    errors.push(...validateNodeType(node), ...validateEmbedded(node));
  }
  errors.push(...validateRootMetadata(schema, path));
  return errors;
}

function validateNodeType({ schema, path, position }: SchemaNode): FieldError[] {
  const { type } = schema;
  if (type === undefined || (type as string) === '') {
    const untyped =
      schema['x-kubernetes-int-or-string'] === true ||
      schema['x-kubernetes-preserve-unknown-fields'] === true;
    return untyped && position !== 'root' ? [] : [required(`${path}.type`, MISSING_TYPE[position])];
  }
  if (position === 'root' && type !== 'object')
    return [invalid(`${path}.type`, type, 'must be object at the root')];
  if (type === 'array' && schema.items === undefined) return [required(`${path}.items`, 'must be specified')];
  return [];
}

function validateEmbedded({ schema, path }: SchemaNode): FieldError[] {
  if (schema['x-kubernetes-embedded-resource'] !== true) return [];
  const errors: FieldError[] = [];
  if (schema.type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(
      schema.type === undefined
        ? required(`${path}.type`, detail)
        : invalid(`${path}.type`, schema.type, detail),
    );
  }
  const empty = Object.keys(schema.properties ?? {}).length === 0;
  if (empty && schema['x-kubernetes-preserve-unknown-fields'] !== true) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, detail));
  }
  return errors;
}

function validateRootMetadata(schema: Schema, path: string): FieldError[] {
  const metadata = schema.properties?.['metadata'];
  if (metadata === undefined) return [];
  const at = `${path}.properties[metadata]`;
  if (metadata.type !== 'object') return [invalid(`${at}.type`, metadata.type ?? '', 'must be object')];
  const { type: _type, properties, description: _description, ...rest } = metadata;
  const names = Object.keys(properties ?? {});
  if (Object.keys(rest).length === 0 && names.every((name) => name === 'name' || name === 'generateName'))
    return [];
  const detail =
    'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [forbidden(at, detail)];
}

/** `anyOf: [{type: integer}, {type: string}]` is how an integer or string used to be written. */
function isIntOrStringPattern(schema: Schema, combined: readonly Schema[] | undefined): boolean {
  if (schema['x-kubernetes-int-or-string'] !== true || combined?.length !== 2) return false;
  return combined[0]?.type === 'integer' && combined[1]?.type === 'string';
}

function validateCombinedNodes(owner: Schema, schema: Schema, path: string, depth: number): FieldError[] {
  const errors: FieldError[] = [];
  const isPattern = depth <= 1 && isIntOrStringPattern(owner, schema.anyOf);
  for (const node of combinedNodes(schema, path)) {
    const mayHaveType = isPattern && node.path.startsWith(`${path}.anyOf`);
    errors.push(...validateCombinedNode(owner, node, mayHaveType));
    errors.push(...validateCombinedNodes(owner, node.schema, node.path, depth + 1));
  }
  return errors;
}

function validateCombinedNode(
  owner: Schema,
  { schema, path }: { schema: Schema; path: string },
  mayHaveType: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, wanted] of NOT_IN_COMBINED) {
    const value: unknown = schema[key];
    if (value === undefined || value === '' || value === false || (key === 'type' && mayHaveType)) continue;
    errors.push(forbidden(`${path}.${key}`, `must be ${wanted} to be structural`));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.properties[${name}]`;
    const declared = owner.properties?.[name];
    if (declared === undefined) errors.push(required(declaredPath(at), `because it is defined in ${at}`));
    else errors.push(...validateCombinedNode(declared, { schema: property, path: at }, false));
  }
  return errors;
}

/** Where the property should have been declared: the same path with no combination in it. */
function declaredPath(path: string): string {
  return path.replace(/\.(?:allOf\[\d+\]|anyOf\[\d+\]|oneOf\[\d+\]|not)(?=[.[]|$)/g, '');
}
