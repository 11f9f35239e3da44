/** Takes fields out of an object: structured-merge-diff's RemoveItems and what decides which to take. */
import { isObject, setOwn, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { atomOf, fieldSchema, isDeclared, type ListAtom, type MapAtom } from './atom.js';
import { FieldSet } from './field-set.js';
import { fieldsOf } from './field-walk.js';
import { fieldElement, fieldNameOf, itemElement } from './path-element.js';

/** What to take out and what to leave in. */
export interface Removal {
  readonly set: FieldSet;
  /** Maps that stay though they become empty; any other map or list that loses all it had goes itself. */
  readonly owned: FieldSet;
}

/** `value` without the fields of the set; undefined when nothing is left of it. */
export function removeFields(value: unknown, { set, owned }: Removal, schema: Schema | undefined): unknown {
  if (set.isEmpty()) return value;
  const atom = atomOf(schema, value);
  if (atom.kind === 'map' && !atom.atomic && isObject(value))
    return removeFromMap(value, { set, owned }, atom);
  if (atom.kind === 'list' && !atom.atomic && Array.isArray(value)) {
    return removeFromList(value, { set, owned }, atom);
  }
  return value;
}

function removeFromMap(value: JsonObject, { set, owned }: Removal, map: MapAtom): JsonObject | undefined {
  const left: JsonObject = {};
  for (const [name, child] of Object.entries(value)) {
    const element = fieldElement(name);
    if (set.members.has(element)) continue;
    const removal = { set: set.below(element), owned: owned.below(element) };
    const rest = removeFields(child, removal, fieldSchema(map, name));
    if (rest !== undefined) setOwn(left, name, rest);
    else if (isObject(child) && owned.members.has(element)) setOwn(left, name, {});
  }
  return Object.keys(left).length === 0 && Object.keys(value).length > 0 ? undefined : left;
}

function removeFromList(value: unknown[], { set, owned }: Removal, list: ListAtom): unknown[] | undefined {
  const left = value.flatMap((item) => {
    const element = itemElement(list, item);
    if (set.members.has(element)) return [];
    const removal = { set: set.below(element), owned: owned.below(element) };
    const rest = removeFields(item, removal, list.items);
    return rest === undefined ? [] : [rest];
  });
  return left.length === 0 && value.length > 0 ? undefined : left;
}

/** `set` with every declared field that has members below it a member too: owning `spec.replicas` owns `spec`. */
export function withParents(set: FieldSet, schema: Schema | undefined, sample: unknown): FieldSet {
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const inside = step(element, schema, sample);
    if (inside.declared) members.add(element);
    children.set(element, withParents(child, inside.schema, inside.sample));
  }
  return new FieldSet(members, children);
}

interface Inside {
  readonly declared: boolean;
  readonly schema: Schema | undefined;
  readonly sample: unknown;
}

/** What stands at `element` of a map or list. */
function step(element: string, schema: Schema | undefined, sample: unknown): Inside {
  const name = fieldNameOf(element);
  if (name !== undefined) {
    const atom = atomOf(schema, isObject(sample) ? sample : {});
    if (atom.kind !== 'map') return { declared: false, schema: undefined, sample: undefined };
    const child = isObject(sample) ? sample[name] : undefined;
    return { declared: isDeclared(atom, name), schema: fieldSchema(atom, name), sample: child };
  }
  const atom = atomOf(schema, Array.isArray(sample) ? sample : []);
  const items = atom.kind === 'list' ? atom.items : undefined;
  return { declared: false, schema: items, sample: undefined };
}

interface Pruning {
  readonly merged: unknown;
  /** What the applier owned after its last apply. */
  readonly last: FieldSet;
  /** What anybody owns now, the applier's new configuration included. */
  readonly owned: FieldSet;
  readonly schema: Schema | undefined;
}

/** `merged` without the fields its applier gave up and nobody else owns. */
export function prune({ merged, last, owned, schema }: Pruning): unknown {
  if (last.isEmpty()) return merged;
  const parents = (set: FieldSet) => withParents(set, schema, merged);
  const without = (set: FieldSet) => removeFields(merged, { set, owned }, schema) ?? {};
  const all = parents(fieldsOf(merged, schema));
  const pruned = without(parents(last));
  const kept = parents(fieldsOf(pruned, schema)).union(parents(owned));
  const left = parents(fieldsOf(without(all.difference(kept)), schema));
  return without(all.difference(left).intersection(parents(last)));
}
