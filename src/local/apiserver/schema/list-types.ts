/** Lists that are sets, or maps by keys, hold nothing twice. Source: apiextensions-apiserver/pkg/apiserver/schema/listtype. */
import { isObject, type JsonObject } from '../json.js';
import type { FieldError } from '../status.js';
import { itemKey, mapKeysOf } from './correlate.js';
import { child, duplicate, goJson, invalid } from './field-errors.js';
import type { Schema } from './schema.js';

export function validateListTypes(schema: Schema, value: unknown, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, value, path, errors);
  return errors;
}

function visit(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    duplicates(schema, value, path, errors);
    const items = schema.items;
    if (items !== undefined) value.forEach((item, i) => visit(items, item, `${path}[${i}]`, errors));
  } else if (isObject(value)) {
    for (const [name, node] of Object.entries(value)) {
      const next = fieldSchema(schema, name);
      if (next !== undefined) visit(next, node, child(path, name), errors);
    }
  }
}

/** The schema of a field of an object, declared or additional. */
export function fieldSchema(schema: Schema, name: string): Schema | undefined {
  const properties = schema.properties;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function duplicates(schema: Schema, list: readonly unknown[], path: string, errors: FieldError[]): void {
  const isMap = mapKeysOf(schema).length > 0;
  if (!isMap && schema['x-kubernetes-list-type'] !== 'set') return;
  const seen = new Set<string>();
  const reported = new Set<string>();
  list.forEach((item, i) => {
    if (isMap && !isObject(item)) {
      const message = 'must be an object for an array of list-type map';
      if (item !== null) errors.push(invalid(`${path}[${i}]`, item, message));
      return;
    }
    const shown: unknown = isMap ? itemKey(schema, item as JsonObject) : item;
    const text = goJson(shown);
    if (seen.has(text) && !reported.has(text)) {
      errors.push(duplicate(`${path}[${i}]`, shown));
      reported.add(text);
    }
    seen.add(text);
  });
}
