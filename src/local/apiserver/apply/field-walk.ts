/** The fields an object sets: structured-merge-diff's ToFieldSet. */
import { isObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { atomOf, fieldSchema, isDeclared, type ListAtom, type MapAtom } from './atom.js';
import { FieldSet, FieldSetBuilder } from './field-set.js';
import { fieldElement, itemElement } from './path-element.js';

/** Every field `value` sets. Throws NoIdentity for a list whose items cannot be told apart. */
export function fieldsOf(value: unknown, schema: Schema | undefined): FieldSet {
  const atom = atomOf(schema, value);
  if (atom.kind === 'map' && !atom.atomic && isObject(value)) return mapFields(value, atom);
  if (atom.kind === 'list' && !atom.atomic && Array.isArray(value)) return listFields(value, atom);
  return FieldSet.EMPTY;
}

function mapFields(value: Record<string, unknown>, map: MapAtom): FieldSet {
  const set = new FieldSetBuilder();
  for (const [name, child] of Object.entries(value)) {
    const schema = fieldSchema(map, name);
    const element = fieldElement(name);
    set.addBelow(element, fieldsOf(child, schema));
    if (isLeaf(child, schema) || !isDeclared(map, name)) set.add(element);
  }
  return set.build();
}

/** Whether a field is owned as itself, beside or instead of what is in it. */
function isLeaf(value: unknown, schema: Schema | undefined): boolean {
  if (isObject(value) && Object.keys(value).length === 0) return true;
  const atom = atomOf(schema, value);
  return atom.kind === 'scalar' || atom.atomic;
}

function listFields(items: readonly unknown[], list: ListAtom): FieldSet {
  const set = new FieldSetBuilder();
  const elements = items.map((item) => itemElement(list, item));
  const repeated = new Set(elements.filter((element, i) => elements.indexOf(element) !== i));
  for (const [i, element] of elements.entries()) {
    set.add(element);
    if (!repeated.has(element)) set.addBelow(element, fieldsOf(items[i], list.items));
  }
  return set.build();
}
