/**
 * Fields a schema does not know are removed and named, as `fieldValidation` reports them.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/pruning and objectmeta.
 */
import { isObject, type JsonObject } from '../json.js';
import { builtinMetadata } from './builtin.js';
import { child } from './field-errors.js';
import { fieldSchema } from './list-types.js';
import type { Schema } from './schema.js';

/**
 * Removes, where they stand, fields the schema of an object does not declare and returns their paths. The root is a
 * resource: its apiVersion, kind and metadata are known even when the schema does not say so.
 */
export function pruneUnknown(schema: Schema, value: unknown): string[] {
  const unknown: string[] = [];
  pruneNode({ ...schema, 'x-kubernetes-embedded-resource': true }, value, '', unknown);
  return unknown;
}

function pruneNode(schema: Schema, value: unknown, path: string, unknown: string[]): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) value.forEach((item, i) => pruneNode(items, item, `${path}[${i}]`, unknown));
  } else if (isObject(value)) {
    pruneObject(schema, value, path, unknown);
  }
}

function pruneObject(schema: Schema, value: JsonObject, path: string, unknown: string[]): void {
  const keepsUnknown =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
  for (const name of Object.keys(value)) {
    const at = child(path, name);
    const node = resourceField(schema, name) ?? fieldSchema(schema, name);
    if (node !== undefined) {
      pruneNode(node, value[name], at, unknown);
    } else if (!keepsUnknown) {
      delete value[name];
      unknown.push(at);
    }
  }
}

const TEXT: Schema = { type: 'string' };

/** The fields every resource has. */
function resourceField(schema: Schema, name: string): Schema | undefined {
  if (schema['x-kubernetes-embedded-resource'] !== true) return undefined;
  if (name === 'metadata') return builtinMetadata();
  return name === 'apiVersion' || name === 'kind' ? TEXT : undefined;
}
