/**
 * What a current API server does differently from the recorded 1.20, everywhere and by design: taken out of both sides
 * before they are compared, so that a scenario of 1.20 judges the rest.
 */

type Json = Record<string, unknown>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields a current server adds to objects of these resources, which are known by their paths. */
const ADDED: readonly (readonly [RegExp, readonly (readonly string[])[]])[] = [
  [
    /\/services\b/,
    [
      ['spec', 'internalTrafficPolicy'],
      ['spec', 'ipFamilies'],
      ['spec', 'ipFamilyPolicy'],
    ],
  ],
  [/\/pods\b/, [['metadata', 'generation']]],
  [/\/namespaces(\/[^/?]+)?(\?|$)/, [['metadata', 'labels', 'kubernetes.io/metadata.name']]],
];

/** API versions that others took the place of, with the same shape. */
const REPLACED_VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/\bpolicy\/v1beta1\b/g, 'policy/v1'],
  [/\bdiscovery\.k8s\.io\/v1beta1\b/g, 'discovery.k8s.io/v1'],
  [/\bautoscaling\/v2beta2\b/g, 'autoscaling/v2'],
];

/** A scenario of 1.20 in the API versions of today. */
export function inCurrentVersions<T>(scenario: T): T {
  const text = REPLACED_VERSIONS.reduce(
    (all, [pattern, replacement]) => all.replace(pattern, replacement),
    JSON.stringify(scenario),
  );
  return JSON.parse(text) as T;
}

/** Takes a field out, and labels that are empty without it. */
function drop(object: Json, [first = '', ...rest]: readonly string[]): void {
  const child = object[first];
  if (rest.length === 0) Reflect.deleteProperty(object, first);
  else if (isJson(child)) {
    drop(child, rest);
    if (first === 'labels' && Object.keys(child).length === 0) Reflect.deleteProperty(object, first);
  }
}

/** The answer of a 1.20 scenario, whichever side, without the fields a current server has besides. */
export function withoutAdded(value: unknown, path: string): unknown {
  const added = ADDED.filter(([pattern]) => pattern.test(path)).flatMap(([, fields]) => fields);
  const listed = (key: string): unknown[] =>
    isJson(value) && Array.isArray(value[key]) ? (value[key] as unknown[]) : [];
  const inRows = listed('rows').map((row) => (isJson(row) ? row['object'] : undefined));
  const objects = [value, ...listed('items'), ...inRows];
  for (const object of objects) if (isJson(object)) for (const field of added) drop(object, field);
  if (isJson(value) && value['kind'] === 'PartialObjectMetadataList' && isJson(value['metadata'])) {
    Reflect.deleteProperty(value['metadata'], 'remainingItemCount');
  }
  return value;
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
  [/must have at most (\d+) bytes/g, 'may not be more than $1 bytes'],
  // A current server names the subresource an owner wrote through.
  [/ with subresource "[a-z]+"/g, ''],
];

function inCurrentWords(text: string): string {
  return REWORDED.reduce((words, [pattern, replacement]) => words.replace(pattern, replacement), text);
}

/** Kinds that are stored in another version since. */
const STORED_ANEW: ReadonlySet<string> = new Set([
  'CustomResourceDefinition',
  'CronJob',
  'EndpointSlice',
  'HorizontalPodAutoscaler',
  'Ingress',
  'IngressClass',
  'Lease',
  'PodDisruptionBudget',
]);

function modernize(object: Json): void {
  if ('fieldsV1' in object) Reflect.deleteProperty(object, 'subresource');
  if ('singularName' in object) object['singularName'] = '';
  if (STORED_ANEW.has(String(object['kind']))) Reflect.deleteProperty(object, 'storageVersionHash');
  if (object['kind'] === 'Service' && Array.isArray(object['verbs'])) {
    object['verbs'] = object['verbs'].filter((verb) => verb !== 'deletecollection');
  }
  if (object['kind'] === 'Eviction') object['version'] = 'v1';
  for (const field of [
    'emulationMajor',
    'emulationMinor',
    'minCompatibilityMajor',
    'minCompatibilityMinor',
  ]) {
    Reflect.deleteProperty(object, field);
  }
}
