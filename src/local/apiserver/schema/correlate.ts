/**
 * Which part of the old object a part of the new one is to be compared with: fields by name, items of a map list by
 * their keys. Items of other lists have no counterpart.
 * Source: k8s.io/apiserver/pkg/cel/common (CorrelatedObject).
 */
import { equalJson, getOwn, isObject, type JsonObject } from '../json.js';
import type { Schema } from './schema.js';

export function mapKeysOf(schema: Schema): readonly string[] {
  return schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
}

/** The keys of a map list's item, with the defaults of those it leaves out. */
export function itemKey(schema: Schema, item: JsonObject): JsonObject {
  const key: JsonObject = {};
  for (const name of mapKeysOf(schema)) {
    const value = getOwn(item, name) ?? schema.items?.properties?.[name]?.default;
    if (value !== undefined) key[name] = value;
  }
  return key;
}

export function oldField(schema: Schema, old: unknown, name: string): unknown {
  if (schema['x-kubernetes-map-type'] === 'atomic' || !isObject(old)) return undefined;
  return getOwn(old, name);
}

export function oldItem(schema: Schema, old: unknown, item: unknown): unknown {
  if (!Array.isArray(old) || !isObject(item) || mapKeysOf(schema).length === 0) return undefined;
  const key = itemKey(schema, item);
  return old.find((candidate) => isObject(candidate) && equalJson(itemKey(schema, candidate), key));
}
