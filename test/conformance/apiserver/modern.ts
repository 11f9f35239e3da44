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
  if (typeof value === 'string' && old) return inCurrentWords(value);
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

/** Texts that changed since, and what is left of both versions to compare. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  // Where objects' names are documented.
  [
    /http:\/\/kubernetes\.io\/docs\/user-guide\/identifiers#names/g,
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  ],
  // A current server names the object it could not apply, and the Go type of a value instead of its wrapper's.
  [/^failed to create typed patch object \([^)]*\):/, 'failed to create typed patch object:'],
  [/(?<=, got )(?:\*value\.valueUnstructured|string|bool|int64|float64)$/, '<type>'],
  // A current server names the subresource an owner wrote through.
  [/ with subresource "[a-z]+"/g, ''],
];

function inCurrentWords(text: string): string {
  return REWORDED.reduce((words, [pattern, replacement]) => words.replace(pattern, replacement), text);
}

function modernize(object: Json): void {
  if ('fieldsV1' in object) Reflect.deleteProperty(object, 'subresource');
  for (const path of ADDED[typeof object['kind'] === 'string' ? object['kind'] : ''] ?? [])
    drop(object, path);
  if ('singularName' in object) object['singularName'] = '';
}
