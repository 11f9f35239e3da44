/** Reads fields of an object whose shape is only known by its kind; what is missing reads as nothing. */
import { isObject, objectAt, type JsonObject } from '../json.js';

/** The object at a dotted path, empty when there is none: `part(pod, 'spec')`, `part(job, 'spec.template.spec')`. */
export function part(object: JsonObject, path: string): JsonObject {
  let at: JsonObject | undefined = object;
  for (const step of path.split('.')) at = objectAt(at, step);
  return at ?? {};
}

export function text(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

export function integer(object: JsonObject, key: string): number {
  const value = object[key];
  return typeof value === 'number' ? value : 0;
}

export function objects(object: JsonObject, key: string): JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function texts(object: JsonObject, key: string): string[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** A number or string as text (IntOrString), or `otherwise`. */
export function intOrString(value: unknown, otherwise: string): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : otherwise;
}
