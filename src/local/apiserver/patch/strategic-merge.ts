/**
 * Strategic merge patch: a merge patch whose lists merge by key where the type says so, with directives inside the
 * patch. Follows k8s.io/apimachinery/pkg/util/strategicpatch.
 */
import { goText } from '../go-text.js';
import { cloneJson, getOwn, isObject, setOwn, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { badRequest, invalid, unexpected } from '../status.js';
import { inSetOrder, orderMatches } from './element-order.js';
import { restoreFault } from './restore.js';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const SET_ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

/**
 * `doc` with `patch` merged into it by the schema's patch strategies and merge keys; neither is touched.
 * Throws 400 and 500 for a patch that makes no sense, 422 when its values do not fit the type.
 */
export function applyStrategicMergePatch(doc: unknown, patch: unknown, schema: Schema): unknown {
  const changes = isObject(patch) ? cloneJson(patch) : {};
  const merged = mergeMaps(isObject(doc) ? cloneJson(doc) : {}, changes, schema);
  const fault = restoreFault(merged, schema);
  if (fault === undefined) return merged;
  const message = `Invalid value: ${JSON.stringify(goText(patch))}: ${fault}`;
  throw invalid({ group: '', kind: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message }]);
}

/** How a list or map of a type merges. */
interface Strategy {
  readonly merges: boolean;
  readonly replaces: boolean;
  readonly mergeKey: string | undefined;
}

function strategyOf(schema: Schema | undefined): Strategy {
  const strategies = (schema?.['x-kubernetes-patch-strategy'] ?? '').split(',');
  return {
    merges: strategies.includes('merge'),
    replaces: strategies.includes('replace'),
    mergeKey: schema?.['x-kubernetes-patch-merge-key'],
  };
}

function fieldSchema(schema: Schema | undefined, name: string): Schema | undefined {
  const declared = schema?.properties;
  if (declared !== undefined && Object.hasOwn(declared, name)) return declared[name];
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Merges into `original`, which it may change, and returns the result. */
function mergeMaps(original: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  const directive = getOwn(patch, DIRECTIVE);
  if (directive !== undefined) return directedMap(directive, patch);
  retainKeys(original, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(SET_ORDER)) mergeOrderedList(original, patch, key, schema);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) deleteFromList(original, key.slice(DELETE_FROM.length), value);
    else mergeField(original, key, value, fieldSchema(schema, key));
  }
  return original;
}

function directedMap(directive: unknown, { [DIRECTIVE]: _, ...rest }: JsonObject): JsonObject {
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw badPatchType(directive, { ...rest, [DIRECTIVE]: directive });
}

function badPatchType(directive: unknown, patch: JsonObject) {
  return unexpected(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
}

function mergeField(original: JsonObject, key: string, value: unknown, schema: Schema | undefined): void {
  const present = getOwn(original, key);
  if (value === null) {
    delete original[key];
  } else if (isObject(present) && isObject(value)) {
    setOwn(original, key, strategyOf(schema).replaces ? value : mergeMaps(present, value, schema));
  } else if (Array.isArray(present) && Array.isArray(value)) {
    setOwn(original, key, mergeLists(present, value, schema));
  } else {
    setOwn(original, key, withoutNulls(value, schema));
  }
}

/**
 * A value the original has nothing for. Directives in it mean nothing; a plain map keeps them as keys, as the server
 * does, so that its validation can refuse them.
 */
function withoutNulls(value: unknown, schema: Schema | undefined): unknown {
  if (Array.isArray(value)) {
    const list: unknown[] = value;
    return list.map((item) => (isObject(item) ? withoutNulls(item, schema?.items) : item));
  }
  if (!isObject(value)) return value;
  const clean: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || (schema?.properties !== undefined && isDirective(key))) continue;
    setOwn(clean, key, withoutNulls(item, fieldSchema(schema, key)));
  }
  return clean;
}

function isDirective(key: string): boolean {
  return key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(SET_ORDER) || key.startsWith(DELETE_FROM);
}

/** `$retainKeys`: fields of the original that are not listed go. Takes the directive out of the patch. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const listed = getOwn(patch, RETAIN_KEYS);
  if (listed === undefined) return;
  delete patch[RETAIN_KEYS];
  const misused = badRequest('invalid patch format of retainKeys');
  if (!Array.isArray(listed)) throw misused;
  const kept = new Set<unknown>(listed);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(key) && !kept.has(key)) throw misused;
  }
  for (const key of Object.keys(original)) if (!kept.has(key)) delete original[key];
}

/** `$setElementOrder/NAME`, with the changes to NAME itself; takes both out of the patch. */
function mergeOrderedList(
  original: JsonObject,
  patch: JsonObject,
  directive: string,
  schema: Schema | undefined,
): void {
  const name = directive.slice(SET_ORDER.length);
  const order = listOf(patch[directive]);
  const present = getOwn(original, name);
  const changes = getOwn(patch, name);
  delete patch[directive];
  if (present === undefined && (changes === undefined || changes === null)) return;
  if (changes === null) return;
  delete patch[name];
  const list = fieldSchema(schema, name);
  const { mergeKey } = strategyOf(list);
  if (changes !== undefined && !orderMatches(listOf(changes), order, mergeKey)) {
    throw unexpected(
      `The order in patch list:\n${goText(changes)}\n doesn't match ${SET_ORDER.slice(0, -1)} list:\n${goText(order)}\n`,
    );
  }
  const before = present === undefined ? [] : listOf(present);
  const snapshot = [...before];
  const merged = changes === undefined ? before : mergeLists(before, listOf(changes), list);
  setOwn(original, name, inSetOrder(merged, order, snapshot, mergeKey));
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(`expected a []interface {}, but received a ${goKind(value)}`);
}

function goKind(value: unknown): string {
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function deleteFromList(original: JsonObject, name: string, value: unknown): void {
  const present = getOwn(original, name);
  if (!Array.isArray(present)) return;
  const gone = new Set<unknown>(listOf(value));
  setOwn(
    original,
    name,
    present.filter((item) => !gone.has(item)),
  );
}

function mergeLists(original: unknown[], patch: unknown[], schema: Schema | undefined): unknown[] {
  const { merges, mergeKey } = strategyOf(schema);
  if (!merges) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  if (![...original, ...patch].some(isObject)) {
    const merged = [...new Set([...original, ...patch])];
    return inSetOrder(merged, patch, original, undefined);
  }
  if (mergeKey === undefined) throw unexpected('cannot merge lists without merge key');
  return mergeKeyed(original.filter(isObject), patch, mergeKey, schema?.items);
}

function mergeKeyed(
  original: readonly JsonObject[],
  patch: readonly unknown[],
  mergeKey: string,
  items: Schema | undefined,
): unknown[] {
  const { left, changes } = runDirectives(original, patch, mergeKey);
  const merged = [...left];
  for (const change of changes) {
    const value = getOwn(change, mergeKey);
    if (value === undefined) throw noMergeKey(change, mergeKey);
    const at = merged.findIndex((item) => getOwn(item, mergeKey) === value);
    const item = merged[at];
    if (item === undefined) merged.push(withoutNulls(change, items) as JsonObject);
    else merged[at] = mergeMaps(item, change, items);
  }
  return inSetOrder(merged, changes, left, mergeKey);
}

/** Elements that carry `$patch`: what is left of the original, and the patch without them. */
function runDirectives(
  original: readonly JsonObject[],
  patch: readonly unknown[],
  mergeKey: string,
): { left: readonly JsonObject[]; changes: readonly JsonObject[] } {
  let left = original;
  let replace = false;
  const changes: JsonObject[] = [];
  for (const element of patch) {
    if (!isObject(element)) throw unexpected('lists of maps and scalars cannot be merged');
    const directive = getOwn(element, DIRECTIVE);
    if (directive === undefined) {
      changes.push(element);
    } else if (directive === 'delete') {
      const value = getOwn(element, mergeKey);
      if (value === undefined) throw noMergeKey(element, mergeKey);
      left = left.filter((item) => getOwn(item, mergeKey) !== value);
    } else if (directive === 'replace') {
      replace = true;
    } else if (directive === 'merge') {
      throw unexpected('merging lists cannot yet be specified in the patch');
    } else {
      throw badPatchType(directive, element);
    }
  }
  return replace ? { left: changes, changes: [] } : { left, changes };
}

function noMergeKey(element: JsonObject, mergeKey: string) {
  return unexpected(`map: ${goText(element)} does not contain declared merge key: ${mergeKey}`);
}
