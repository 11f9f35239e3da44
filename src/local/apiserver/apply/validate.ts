/** Whether an applied configuration fits its schema well enough to be merged: structured-merge-diff's validation. */
import { goText } from '../go-text.js';
import { isObject, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { declaredAtom, fieldSchema, isDeclared, type ListAtom, type MapAtom } from './atom.js';
import { fieldElement, itemElement, NoIdentity, printElement } from './path-element.js';

/** Faults as `.spec.replicas: expected numeric (int or float), got string`, in document order. */
export function typeFaults(value: unknown, schema: Schema | undefined, path = ''): string[] {
  const atom = declaredAtom(schema);
  if (value === null || value === undefined || atom === undefined) return [];
  if (atom.kind === 'map') {
    return isObject(value) ? mapFaults(value, atom, path) : [`${path}: expected map, got ${goValue(value)}`];
  }
  if (atom.kind === 'list') {
    if (!Array.isArray(value)) return [`${path}: expected list, got ${goValue(value)}`];
    return listFaults(value, atom, path);
  }
  const fault = scalarFault(value, schema);
  return fault === undefined ? [] : [`${path}: ${fault}`];
}

/** One line, or a heading and a line for each. */
export function joinFaults(faults: readonly string[]): string {
  return faults.length === 1
    ? (faults[0] ?? '')
    : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
}

function mapFaults(value: JsonObject, map: MapAtom, path: string): string[] {
  return Object.entries(value).flatMap(([name, child]) => {
    const at = path + printElement(fieldElement(name));
    if (!isDeclared(map, name) && !map.open) return [`${at}: field not declared in schema`];
    return typeFaults(child, fieldSchema(map, name), at);
  });
}

function listFaults(items: readonly unknown[], list: ListAtom, path: string): string[] {
  if (list.atomic) return items.flatMap((item, i) => typeFaults(item, list.items, `${path}[${i}]`));
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    try {
      const element = itemElement(list, item);
      if (seen.has(element)) return [`${path}: duplicate entries for key ${printElement(element)}`];
      seen.add(element);
      return typeFaults(item, list.items, path + printElement(element));
    } catch (error) {
      if (error instanceof NoIdentity) return [`${path}: element ${i}: ${error.message}`];
      throw error;
    }
  });
}

function scalarFault(value: unknown, schema: Schema | undefined): string | undefined {
  switch (schema?.type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      // A quantity may be written as a number.
      if (schema.format === 'quantity' && typeof value === 'number') return undefined;
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goLiteral(value)}}`;
    default:
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${goValue(value)}`;
  }
}

/** `%T` */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** `%#v` of a scalar; composite values as JSON after their type. */
function goLiteral(value: unknown): string {
  return typeof value === 'object' ? goType(value) + JSON.stringify(value) : JSON.stringify(value);
}

/** `%v` of a boxed value. */
function goValue(value: unknown): string {
  return `&{${goText(value)}}`;
}
