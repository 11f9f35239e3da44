import type { KubeObject } from '../../../kube/index.js';
import { objectKey } from '../../../kube/index.js';
import { Bucket, type Change } from './bucket.js';
import type { Storage } from './storage.js';

/**
 * Every object of the cluster in memory, written through to a Storage. All calls are synchronous: what a caller read
 * cannot change before it writes, so nothing here compares versions.
 */
export interface ObjectStore {
  /** The revision of the latest change; the resourceVersion of lists. */
  readonly revision: number;
  bucket(name: string): Bucket;
  /** Stores a new or a changed object under the next revision and returns it with that resourceVersion. */
  put(bucket: string, object: KubeObject): KubeObject;
  /** Removes an object; what is returned carries the revision of the deletion. */
  remove(bucket: string, key: string): KubeObject | undefined;
  /** Makes every revision before now too old to watch from. */
  compact(): void;
  /** Resolves when a killed process would not lose what was written before; undefined when there is nothing to wait for. */
  committed(): Promise<void> | undefined;
  close(): Promise<void>;
}

const SEPARATOR = ' ';
/** Watchers may have seen revisions that a killed process did not get to commit: they are not given out again. */
const RESTART_GAP = 1000;

function withRevision(object: KubeObject, revision: number): KubeObject {
  const { name, generateName, namespace, uid, resourceVersion: _old, ...rest } = object.metadata;
  const identity = {
    name,
    ...(generateName === undefined ? {} : { generateName }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
  return { ...object, metadata: { ...identity, resourceVersion: String(revision), ...rest } };
}

/** Opens the store with what the storage holds. */
export function openStore(storage: Storage): ObjectStore {
  const loaded = storage.load();
  let revision = loaded.revision === 0 ? 1 : loaded.revision + RESTART_GAP;
  const openedAt = loaded.revision === 0 ? 0 : revision;
  const buckets = new Map<string, Bucket>();

  const bucket = (name: string): Bucket => {
    const known = buckets.get(name);
    if (known !== undefined) return known;
    const created = new Bucket(openedAt);
    buckets.set(name, created);
    return created;
  };

  const commit = (name: string, change: Change) => {
    const text = change.type === 'DELETED' ? undefined : JSON.stringify(change.object);
    storage.write(change.revision, name + SEPARATOR + change.key, text);
    revision = change.revision;
    bucket(name).record(change);
  };

  for (const row of loaded.rows) {
    const separator = row.key.indexOf(SEPARATOR);
    const object = JSON.parse(row.text) as KubeObject;
    bucket(row.key.slice(0, separator)).restore(row.key.slice(separator + 1), object);
  }

  return {
    get revision() {
      return revision;
    },
    bucket,
    put(name, object) {
      const key = objectKey(object);
      const previous = bucket(name).get(key);
      const next = revision + 1;
      const stored = withRevision(object, next);
      const type = previous === undefined ? 'ADDED' : 'MODIFIED';
      commit(name, { type, revision: next, key, object: stored, previous });
      return stored;
    },
    remove(name, key) {
      const previous = bucket(name).get(key);
      if (previous === undefined) return undefined;
      const next = revision + 1;
      const gone = withRevision(previous, next);
      commit(name, { type: 'DELETED', revision: next, key, object: gone, previous });
      return gone;
    },
    compact() {
      for (const each of buckets.values()) each.compact(revision);
    },
    committed: () => storage.committed(),
    close: () => storage.close(),
  };
}
