import { type KubeObject, objectKey } from '../object.js';

/** What is known of a kind. Objects are shared and frozen: copy before changing. Their order is not defined. */
export interface Store<T extends KubeObject> {
  /** By `namespace/name`, or `name` of a cluster-scoped kind. */
  get(key: string): T | undefined;
  /** Everything, or what is in the namespace. */
  list(namespace?: string): readonly T[];
  /** The objects for which the index function named so gave `value`. Throws when there is no such index. */
  byIndex(index: string, value: string): readonly T[];
  keys(): readonly string[];
  readonly size: number;
}

/** The values an object is found under; none leaves it out of the index. */
export type IndexFunction<T> = (object: T) => readonly string[];

export interface MutableStore<T extends KubeObject> extends Store<T> {
  /** Returns what stood there before. */
  set(object: T): T | undefined;
  remove(key: string): T | undefined;
}

const NAMESPACE_INDEX = ' namespace';

export function createStore<T extends KubeObject>(
  indexes: Readonly<Record<string, IndexFunction<T>>> = {},
): MutableStore<T> {
  const objects = new Map<string, T>();
  const functions = new Map<string, IndexFunction<T>>(Object.entries(indexes));
  functions.set(NAMESPACE_INDEX, (object) => [object.metadata.namespace ?? '']);
  const keysByIndex = new Map([...functions.keys()].map((name) => [name, new Map<string, Set<string>>()]));

  /** Where the object is found: the index's values, and which of them. */
  const placesOf = (object: T): [Map<string, Set<string>>, string][] =>
    [...keysByIndex].flatMap(([name, values]) =>
      (functions.get(name)?.(object) ?? []).map((value): [Map<string, Set<string>>, string] => [
        values,
        value,
      ]),
    );
  const unindex = (key: string, object: T) => {
    for (const [values, value] of placesOf(object)) {
      const keys = values.get(value);
      keys?.delete(key);
      if (keys?.size === 0) values.delete(value);
    }
  };
  const byIndex = (name: string, value: string): readonly T[] => {
    const values = keysByIndex.get(name);
    if (values === undefined) throw new Error(`the store has no index "${name}"`);
    return [...(values.get(value) ?? [])].map((key) => objects.get(key) as T);
  };

  return {
    get: (key) => objects.get(key),
    list: (namespace) =>
      namespace === undefined ? [...objects.values()] : byIndex(NAMESPACE_INDEX, namespace),
    byIndex,
    keys: () => [...objects.keys()],
    get size() {
      return objects.size;
    },
    set(object) {
      const key = objectKey(object);
      const previous = objects.get(key);
      // First, since an index function may throw: then nothing has changed.
      const places = placesOf(object);
      if (previous !== undefined) unindex(key, previous);
      objects.set(key, object);
      for (const [values, value] of places) {
        const keys = values.get(value);
        if (keys === undefined) values.set(value, new Set([key]));
        else keys.add(key);
      }
      return previous;
    },
    remove(key) {
      const previous = objects.get(key);
      if (previous === undefined) return undefined;
      unindex(key, previous);
      objects.delete(key);
      return previous;
    },
  };
}
