/**
 * How large a value of a schema can be in one request, and how many values a node of it can have.
 * Source: k8s.io/apiserver/pkg/cel/openapi and common (estimateMax…PerRequest, WithTypeAndObjectMeta).
 */
import type { Schema } from '../schema/index.js';

/** Request bodies are no larger. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const MAX_DURATION_TEXT = 32;
const MAX_TIME_TEXT = 21;
const DATE_TEXT = 10;

/** Characters, items or entries at most; 1 for numbers and booleans. */
export function maxSize(schema: Schema): number {
  if (schema['x-kubernetes-int-or-string'] === true) return MAX_REQUEST_BYTES - 2;
  switch (schema.type) {
    case 'string':
      return maxTextSize(schema);
    case 'array':
      return maxItems(schema);
    case 'object':
      return typeof schema.additionalProperties === 'object' ? maxEntries(schema) : 1;
    default:
      return 1;
  }
}

function maxTextSize(schema: Schema): number {
  if (schema.format === 'duration') return MAX_DURATION_TEXT;
  if (schema.format === 'date') return DATE_TEXT;
  if (schema.format === 'date-time') return MAX_TIME_TEXT;
  if (schema.enum !== undefined) return Math.max(0, ...schema.enum.map((value) => String(value).length));
  return schema.maxLength === undefined ? MAX_REQUEST_BYTES - 2 : schema.maxLength * 4;
}

function maxItems(schema: Schema): number {
  const item = schema.items === undefined ? 1 : minJsonSize(schema.items);
  return schema.maxItems ?? Math.floor((MAX_REQUEST_BYTES - 2) / (item + 1));
}

function maxEntries(schema: Schema): number {
  const { additionalProperties: values } = schema;
  const value = typeof values === 'object' ? minJsonSize(values) : 1;
  /** Quotes, colon, comma and at least one character of the key. */
  return schema.maxProperties ?? Math.floor((MAX_REQUEST_BYTES - 2) / (value + 5));
}

/** How many values stand under one value of `schema`: those of a list or a map, or one of each field. */
export function maxChildren(schema: Schema): number {
  return schema.type === 'array' || typeof schema.additionalProperties === 'object' ? maxSize(schema) : 1;
}

/** Bytes of the smallest JSON a value of the schema can be. */
function minJsonSize(schema: Schema): number {
  switch (schema.type) {
    case 'boolean':
      return 4;
    case 'string':
    case 'array':
      return 2;
    case 'object': {
      const required = schema.required ?? [];
      const fields = required.map((name) => {
        const node = schema.properties?.[name];
        return name.length + 4 + (node === undefined || node.default !== undefined ? 0 : minJsonSize(node));
      });
      return 2 + fields.reduce((sum, size) => sum + size, 0);
    }
    default:
      return 1;
  }
}
