/**
 * One step of a path into an object, as managedFields writes it: `f:spec` a field, `k:{"name":"web"}` an item of a
 * list by its keys, `v:"a"` an item of a set by its value.
 */
import { getOwn, isObject, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import type { ListAtom } from './atom.js';

export type PathElement = string;

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The field's name, or undefined when the element is no field. */
export function fieldNameOf(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

/** Why an item cannot be told apart from its neighbours, in structured-merge-diff's words. */
export class NoIdentity extends Error {}

/** The element that names `item` in a set or keyed list. Throws NoIdentity. */
export function itemElement(list: ListAtom, item: unknown): PathElement {
  return list.keys === undefined ? valueElement(item) : keyElement(list.keys, list.items, item);
}

function valueElement(item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw new NoIdentity("associative list without keys has an element that's an explicit null");
  }
  if (isObject(item)) throw new NoIdentity("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw new NoIdentity('not supported: set of lists');
  return `v:${JSON.stringify(item)}`;
}

function keyElement(keys: readonly string[], items: Schema | undefined, item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw new NoIdentity('associative list with keys may not have a null element');
  }
  if (!isObject(item)) throw new NoIdentity('associative list with keys may not have non-map elements');
  const found: JsonObject = {};
  for (const key of [...keys].sort()) {
    const value = getOwn(item, key) ?? items?.properties?.[key]?.default;
    if (value !== undefined && value !== null) found[key] = value;
  }
  if (Object.keys(found).length === 0) {
    const names = keys.map((key) => JSON.stringify(key)).join(' ');
    throw new NoIdentity(
      `associative list with keys has an element that omits all key fields [${names}] ` +
        `(and doesn't have default values for any key fields)`,
    );
  }
  return `k:${JSON.stringify(found)}`;
}

/** `.spec`, `[name="web"]`, `[="a"]`, `[3]`: the element inside a path, as messages print it. */
export function printElement(element: PathElement): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('i:')) return `[${text}]`;
  if (element.startsWith('v:')) return `[=${text}]`;
  return `[${printKeys(text)}]`;
}

/** `name="web",port=80` of the JSON of a keyed element. */
function printKeys(json: string): string {
  const keys = JSON.parse(json) as JsonObject;
  return Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',');
}
