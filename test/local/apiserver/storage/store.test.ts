import fc from 'fast-check';
import type { KubeObject } from '../../../../src/kube/index.js';
import { memoryStorage } from '../../../../src/local/apiserver/storage/storage.js';
import { type ObjectStore, openStore } from '../../../../src/local/apiserver/storage/store.js';

const object = (name: string, value: number): KubeObject => ({
  kind: 'Thing',
  apiVersion: 'v1',
  metadata: { name, namespace: 'a' },
  value,
});

const names = (objects: readonly KubeObject[] | undefined) => objects?.map(({ metadata }) => metadata.name);

describe('the object store', () => {
  it('gives each change its own, rising resourceVersion, a deletion too', () => {
    const store = openStore(memoryStorage());
    const first = store.put('things', object('x', 1));
    const second = store.put('things', object('x', 2));
    const gone = store.remove('things', 'a/x');
    const versions = [first, second, gone].map((each) => Number(each?.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(3);
    expect(store.revision).toBe(versions[2]);
  });

  it('goes on with higher revisions after a restart than any watcher can have seen', async () => {
    const storage = memoryStorage();
    const store = openStore(storage);
    store.put('things', object('x', 1));
    store.remove('things', 'a/x');
    const last = store.revision;
    await store.close();
    const again = openStore(storage);
    expect(again.revision).toBeGreaterThan(last);
    expect(again.bucket('things').list()).toEqual([]);
    expect(again.bucket('things').since(last)).toBeUndefined();
  });

  it('refuses to look back past a compaction, but still knows what was there', () => {
    const store = openStore(memoryStorage());
    store.put('things', object('x', 1));
    const before = store.revision;
    store.put('things', object('y', 1));
    store.compact();
    expect(store.bucket('things').since(before)).toBeUndefined();
    expect(store.bucket('things').since(store.revision)).toEqual([]);
    expect(names(store.bucket('things').listAt(before))).toEqual(['x']);
  });

  it('shows every past revision as it was, and its changes lead from one to the next', () => {
    const operation = fc.record({
      name: fc.constantFrom('p', 'q', 'r'),
      remove: fc.boolean(),
      value: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const store = openStore(memoryStorage());
        const past = new Map<number, KubeObject[]>([[store.revision, []]]);
        for (const { name, remove, value } of operations) {
          if (remove) store.remove('things', `a/${name}`);
          else store.put('things', object(name, value));
          past.set(store.revision, store.bucket('things').list());
        }
        for (const [revision, state] of past) {
          expect(store.bucket('things').listAt(revision)).toEqual(state);
          expect(replayed(state, store, revision)).toEqual(store.bucket('things').list());
        }
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  it('forgets old changes rather than keep them all', () => {
    const store = openStore(memoryStorage());
    const start = store.revision;
    for (let index = 0; index < 5000; index++) store.put('things', object('x', index));
    expect(store.bucket('things').since(start)).toBeUndefined();
    expect(store.bucket('things').since(store.revision - 1000)).toHaveLength(1000);
  });
});

/** The state at `revision` with every later change applied. */
function replayed(state: readonly KubeObject[], store: ObjectStore, revision: number): KubeObject[] {
  const objects = new Map(state.map((each) => [`a/${each.metadata.name}`, each]));
  for (const change of store.bucket('things').since(revision) ?? []) {
    if (change.type === 'DELETED') objects.delete(change.key);
    else objects.set(change.key, change.object);
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}
