/**
 * What a current API server does differently from the recorded 1.20, everywhere and by design: taken out of both sides
 * before they are compared, so that a scenario of 1.20 judges the rest.
 */

type Json = Record<string, unknown>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields a current server adds to objects of these kinds. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  Service: ['spec.internalTrafficPolicy', 'spec.ipFamilies', 'spec.ipFamilyPolicy'],
  Pod: ['metadata.generation'],
};

function drop(object: Json, path: string): void {
  const [first = '', ...rest] = path.split('.');
  const child = object[first];
  if (rest.length === 0) Reflect.deleteProperty(object, first);
  else if (isJson(child)) drop(child, rest.join('.'));
}

/** A copy of an answer (or of a recorded one) without what differs between the two versions. */
export function comparable(
  value: unknown,
  stripManagedFields: (entry: Json) => boolean,
  old: boolean,
): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, stripManagedFields, old));
  if (!isJson(value)) return value;
  const result: Json = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === 'managedFields' && Array.isArray(item)) {
      const kept = item.filter((entry) => !isJson(entry) || !stripManagedFields(entry));
      if (kept.length > 0) result[key] = kept;
      continue;
    }
    if (key === 'creationTimestamp' && item === null) continue;
    result[key] = comparable(item, stripManagedFields, old);
  }
  if (old) modernize(result);
  return result;
}

function modernize(object: Json): void {
  for (const path of ADDED[typeof object['kind'] === 'string' ? object['kind'] : ''] ?? [])
    drop(object, path);
  if ('singularName' in object) object['singularName'] = '';
}
