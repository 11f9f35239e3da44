/** Defaults of a schema. Source: apiextensions-apiserver/pkg/apiserver/schema/defaulting. */
import { cloneJson, isObject, setOwn } from '../json.js';
import { fieldSchema } from './list-types.js';
import type { Schema } from './schema.js';

/**
 * Fills in, where it stands, what `value` leaves out and the schema has a default for. A null counts as left out
 * unless the field is nullable; those without a default are dropped.
 */
export function applyDefaults(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) value.forEach((item) => applyDefaults(items, item));
    return;
  }
  if (!isObject(value)) return;
  for (const [name, node] of Object.entries(schema.properties ?? {})) {
    const absent = !Object.hasOwn(value, name) || (value[name] === null && node.nullable !== true);
    if (absent && node.default !== undefined) setOwn(value, name, cloneJson(node.default));
  }
  for (const [name, item] of Object.entries(value)) {
    const node = fieldSchema(schema, name);
    if (node === undefined) continue;
    if (item === null && node.nullable !== true) delete value[name];
    else applyDefaults(node, item);
  }
}
