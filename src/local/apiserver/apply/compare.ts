/** What changed between two objects: structured-merge-diff's Compare. */
import { equalJson, getOwn, isObject, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { atomOf, fieldSchema, type Atom, type ListAtom, type MapAtom } from './atom.js';
import type { FieldSet } from './field-set.js';
import { FieldSetBuilder } from './field-set.js';
import { fieldElement, itemElement, type PathElement } from './path-element.js';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** The fields of `after` that `before` has not, or has with another value, and those that went. */
export function compare(before: unknown, after: unknown, schema: Schema | undefined): Comparison {
  const found = new Found();
  compareInside({ before, after, schema }, found);
  return found.build();
}

/** Two values at one place; undefined where one side has none. */
interface Sides {
  readonly before: unknown;
  readonly after: unknown;
  readonly schema: Schema | undefined;
}

class Found {
  readonly added = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();

  addBelow(element: PathElement, inside: Comparison): void {
    this.added.addBelow(element, inside.added);
    this.modified.addBelow(element, inside.modified);
    this.removed.addBelow(element, inside.removed);
  }

  build(): Comparison {
    return { added: this.added.build(), modified: this.modified.build(), removed: this.removed.build() };
  }
}

/** Compares what is below a map or list; tells whether there was something to go into. */
function compareInside({ before, after, schema }: Sides, found: Found): boolean {
  const atom = sharedAtom(schema, before, after);
  if (atom === undefined || atom.kind === 'scalar' || atom.atomic) return false;
  if (isEmpty(before) && isEmpty(after)) return false;
  if (atom.kind === 'map') compareMaps(asObject(before), asObject(after), atom, found);
  else compareLists(asArray(before), asArray(after), atom, found);
  return true;
}

/** Undefined when the two sides are of different shapes: then each is a value of its own. */
function sharedAtom(schema: Schema | undefined, before: unknown, after: unknown): Atom | undefined {
  if (before === undefined || before === null) return atomOf(schema, after);
  if (after === undefined || after === null) return atomOf(schema, before);
  const left = atomOf(schema, before);
  return left.kind === atomOf(schema, after).kind ? left : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function compareMaps(before: JsonObject, after: JsonObject, map: MapAtom, found: Found): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const sides = {
      before: getOwn(before, name),
      after: getOwn(after, name),
      schema: fieldSchema(map, name),
    };
    compareElement(fieldElement(name), sides, found);
  }
}

function compareLists(before: unknown[], after: unknown[], list: ListAtom, found: Found): void {
  const left = byElement(before, list);
  const right = byElement(after, list);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    compareElement(
      element,
      { before: left.get(element), after: right.get(element), schema: list.items },
      found,
    );
  }
}

/** Items by identity; those that share one stand as one list, to be compared as a whole. */
function byElement(items: readonly unknown[], list: ListAtom): Map<PathElement, unknown> {
  const groups = new Map<PathElement, unknown[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    groups.set(element, [...(groups.get(element) ?? []), item]);
  }
  return new Map([...groups].map(([element, group]) => [element, group.length === 1 ? group[0] : group]));
}

function compareElement(element: PathElement, sides: Sides, found: Found): void {
  const inside = new Found();
  const entered = compareInside(sides, inside);
  found.addBelow(element, inside.build());
  if (sides.before === undefined) found.added.add(element);
  else if (sides.after === undefined) found.removed.add(element);
  else if (!entered && !equalJson(sides.before, sides.after)) found.modified.add(element);
}
