import { type KubeObject, objectKey, type WatchEvent } from '../object.js';
import { createStore, type IndexFunction, type Store } from './store.js';

/** What happened to an object. A relist tells of everything that happened while nobody listened. */
export interface Change<T extends KubeObject> {
  readonly kind: 'added' | 'updated' | 'deleted';
  /** Of a deletion, the last state that is known. */
  readonly object: T;
  /** Of an update, the state before. */
  readonly previous?: T;
}

export interface Cache<T extends KubeObject> {
  readonly store: Store<T>;
  /** Makes the store equal to a list. Deletions come first, so that a name taken over is free before it is taken. */
  replace(items: readonly T[]): readonly Change<T>[];
  /** Takes in an event; nothing when it brings nothing new. */
  apply(event: WatchEvent<T>): readonly Change<T>[];
}

/** A store and the changes that lead to its contents: replayed in order they give the same contents. */
export function createCache<T extends KubeObject>(
  indexes: Readonly<Record<string, IndexFunction<T>>> = {},
): Cache<T> {
  const store = createStore<T>(indexes);

  const remove = (key: string, last?: T): Change<T>[] => {
    const previous = store.remove(key);
    return previous === undefined ? [] : [{ kind: 'deleted', object: last ?? previous }];
  };

  const put = (received: T): Change<T>[] => {
    const known = store.get(objectKey(received));
    if (known === undefined) {
      const object = settle(received);
      store.set(object);
      return [{ kind: 'added', object }];
    }
    if (known.metadata.uid !== received.metadata.uid) {
      // Deleted and made again under the same name: whoever follows uids must see both.
      return [...remove(objectKey(known)), ...put(received)];
    }
    if (known.metadata.resourceVersion === received.metadata.resourceVersion) return [];
    const object = settle(received);
    store.set(object);
    return [{ kind: 'updated', object, previous: known }];
  };

  return {
    store,
    replace(items) {
      const listed = new Set(items.map(objectKey));
      const gone = store.keys().filter((key) => !listed.has(key));
      return [...gone.flatMap((key) => remove(key)), ...items.flatMap(put)];
    },
    apply(event) {
      if (event.type === 'DELETED') return remove(objectKey(event.object), settle(event.object));
      return event.type === 'ADDED' || event.type === 'MODIFIED' ? put(event.object) : [];
    },
  };
}

/** Without managedFields, which take more memory than the rest and which no controller reads; frozen. */
function settle<T extends KubeObject>(object: T): T {
  delete object.metadata.managedFields;
  return deepFreeze(object);
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !Object.isFrozen(child)) deepFreeze(child as object);
  }
  return Object.freeze(value);
}
