/** Whether a merged object is of its type, in the words of the server's conversion from unstructured maps. */
import { isObject } from '../json.js';
import type { Schema } from '../schema/index.js';

/** The first thing that does not fit: `cannot restore slice from string`; undefined when all does. */
export function restoreFault(value: unknown, schema: Schema | undefined): string | undefined {
  if (value === null || value === undefined || schema === undefined) return undefined;
  if (schema['x-kubernetes-int-or-string'] === true) return undefined;
  switch (schema.type) {
    case 'object':
      return isObject(value) ? mapFault(value, schema) : wrongShape(value, schema);
    case 'array':
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
      return first(value.map((item) => restoreFault(item, schema.items)));
    case undefined:
      return undefined;
    default:
      return scalarFits(value, schema) ? undefined : `unrecognized type: ${scalarKind(schema)}`;
  }
}

function mapFault(value: Record<string, unknown>, schema: Schema): string | undefined {
  const { properties = {}, additionalProperties } = schema;
  const element = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return first(
    Object.entries(value).map(([key, item]) =>
      restoreFault(item, Object.hasOwn(properties, key) ? properties[key] : element),
    ),
  );
}

function wrongShape(value: unknown, { properties = {} }: Schema): string {
  const isStruct = Object.keys(properties).length > 0;
  return isStruct
    ? `cannot restore struct from: ${goKind(value)}`
    : `cannot restore map from ${goKind(value)}`;
}

function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}

/** A quantity may be written as a number. */
function scalarFits(value: unknown, { type, format }: Schema): boolean {
  if (type === 'integer' || type === 'number') return typeof value === 'number';
  return typeof value === type || (format === 'quantity' && typeof value === 'number');
}

function scalarKind({ type, format }: Schema): string {
  if (type === 'integer') return format ?? 'int32';
  if (type === 'number') return 'float64';
  return type === 'boolean' ? 'bool' : 'string';
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (isObject(value)) return 'map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
