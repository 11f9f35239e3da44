import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { lmdbStorage } from '../../../../src/local/apiserver/storage/lmdbStorage.js';
import { memoryStorage, type Storage } from '../../../../src/local/apiserver/storage/storage.js';

interface Kind {
  /** Opens the storage; again after a close finds what was written. */
  readonly open: () => Storage;
  readonly remove: () => void;
}

const KINDS: Readonly<Record<string, () => Kind>> = {
  memory: () => {
    const storage = memoryStorage();
    return { open: () => storage, remove: () => undefined };
  },
  lmdb: () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-lmdb-'));
    return {
      open: () => lmdbStorage(folder),
      remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

function contents(storage: Storage): { revision: number; rows: Map<string, string> } {
  const { revision, rows } = storage.load();
  return { revision, rows: new Map(Array.from(rows, ({ key, text }) => [key, text])) };
}

describe.each(Object.entries(KINDS))('%s storage', (_name, create) => {
  it('is empty at first', async () => {
    const { open, remove } = create();
    const storage = open();
    expect(contents(storage)).toEqual({ revision: 0, rows: new Map() });
    await storage.close();
    remove();
  });

  it('finds what was written after it was opened again, and the highest revision even when that was a removal', async () => {
    const { open, remove } = create();
    const first = open();
    first.write(2, 'pods default/a', '{"a":1}');
    first.write(3, 'pods default/ü', '{"b":"é\u0000"}');
    first.write(4, 'pods default/a', undefined);
    await first.close();
    const second = open();
    expect(contents(second)).toEqual({ revision: 4, rows: new Map([['pods default/ü', '{"b":"é\u0000"}']]) });
    await second.close();
    remove();
  });

  it('holds after any sequence of writes what a map would hold', async () => {
    const write = fc.record({
      key: fc.constantFrom('pods a/1', 'pods a/2', 'nodes n', 'things.demo.dev/things x/y'),
      text: fc.option(fc.string({ maxLength: 200 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 30 }), async (writes) => {
        const { open, remove } = create();
        const model = new Map<string, string>();
        const storage = open();
        for (const [index, { key, text }] of writes.entries()) {
          storage.write(index + 1, key, text);
          if (text === undefined) model.delete(key);
          else model.set(key, text);
        }
        await storage.close();
        const reopened = open();
        expect(contents(reopened)).toEqual({ revision: writes.length, rows: model });
        await reopened.close();
        remove();
      }),
      { seed: 20260101, numRuns: 15 },
    );
  });
});
