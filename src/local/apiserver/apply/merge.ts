/** The applied configuration merged into the live object: structured-merge-diff's Merge. */
import { cloneJson, getOwn, isObject, setOwn, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { atomOf, fieldSchema, type ListAtom, type MapAtom } from './atom.js';
import { itemElement, type PathElement } from './path-element.js';

/** `applied` over `live`: scalars and atomic values from applied, maps and keyed lists item by item. */
export function merge(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  if (applied === undefined) return cloneJson(live);
  const atom = atomOf(schema, applied ?? live);
  if (atom.kind === 'map' && !atom.atomic && isObject(live) && !isBlank(live)) {
    return mergeMaps(live, isObject(applied) ? applied : {}, atom);
  }
  if (atom.kind === 'list' && !atom.atomic && Array.isArray(live) && !isBlank(live)) {
    return mergeLists(live, Array.isArray(applied) ? applied : [], atom);
  }
  return cloneJson(applied);
}

function isBlank(value: object): boolean {
  return Object.keys(value).length === 0;
}

function mergeMaps(live: JsonObject, applied: JsonObject, map: MapAtom): JsonObject {
  const merged: JsonObject = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    setOwn(merged, name, merge(getOwn(live, name), getOwn(applied, name), fieldSchema(map, name)));
  }
  return merged;
}

/**
 * Items of both lists, each once. Those in both come in the applied order; those only live keep their place before
 * the shared item they stood before.
 */
function mergeLists(live: readonly unknown[], applied: readonly unknown[], list: ListAtom): unknown[] {
  const left = live.map((item) => ({ element: itemElement(list, item), item }));
  const right = applied.map((item) => ({ element: itemElement(list, item), item }));
  const liveItems = firstByElement(left);
  const appliedItems = firstByElement(right);
  const shared = right.map(({ element }) => element).filter((element) => liveItems.has(element));
  const out: unknown[] = [];
  const placed = new Set<PathElement>();
  const place = (element: PathElement) => {
    placed.add(element);
    if (shared[0] === element) shared.shift();
    out.push(merge(liveItems.get(element), appliedItems.get(element), list.items));
  };
  let r = 0;
  for (let l = 0; l < left.length || r < right.length;) {
    const next = left[l];
    const wanted = right[r];
    if (next !== undefined && !appliedItems.has(next.element)) {
      out.push(cloneJson(next.item));
      l++;
    } else if (next !== undefined && placed.has(next.element)) {
      l++;
    } else if (
      next !== undefined &&
      wanted !== undefined &&
      next.element !== wanted.element &&
      next.element !== shared[0]
    ) {
      l++;
    } else if (wanted !== undefined) {
      if (next?.element === wanted.element) l++;
      place(wanted.element);
      r++;
    } else {
      l++;
    }
  }
  return out;
}

function firstByElement(
  items: readonly { element: PathElement; item: unknown }[],
): Map<PathElement, unknown> {
  const first = new Map<PathElement, unknown>();
  for (const { element, item } of items) if (!first.has(element)) first.set(element, item);
  return first;
}
