import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import { problem, ProblemError } from '../../../base/index.js';
import { lockFolder } from './folderLock.js';
import type { Storage, StoredRow } from './storage.js';

/** Sorts before every bucket's name. */
const REVISION_KEY = '!revision';
/** An upper bound of the file; pages are taken as they are needed. */
const MAP_SIZE_BYTES = 1024 ** 3;
/** LMDB's longest key. */
const MAX_KEY_BYTES = 1978;

/**
 * Keeps the cluster's state in a folder. What is committed is in the file, though perhaps not yet on the platter: a killed
 * process loses nothing, a power cut at most the last moments.
 * Throws ProblemError when another process uses the folder or it cannot be written.
 */
export function lmdbStorage(folder: string): Storage {
  const release = openFolder(folder);
  let database: RootDatabase<string, string>;
  try {
    database = open<string, string>({
      path: folder,
      encoding: 'string',
      mapSize: MAP_SIZE_BYTES,
      maxReaders: 8,
    });
  } catch (error) {
    release();
    throw error;
  }
  let latest: Promise<unknown> = Promise.resolve();
  return {
    load() {
      const rows: StoredRow[] = [];
      let revision = 0;
      for (const { key, value } of database.getRange()) {
        if (key === REVISION_KEY) revision = Number(value);
        else rows.push({ key, text: value });
      }
      return { revision, rows };
    },
    write(revision, key, text) {
      if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new RangeError('the name is too long to be stored');
      // Writes of one turn of the event loop are one transaction: the row and its revision stay together.
      const row = text === undefined ? database.remove(key) : database.put(key, text);
      latest = Promise.all([latest, row, database.put(REVISION_KEY, String(revision))]);
      // Whoever waits for it is told; nobody needs to.
      latest.catch(() => undefined);
    },
    async committed() {
      await latest;
    },
    async close() {
      await latest;
      await database.close();
      release();
    },
  };
}

function openFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ProblemError(problem('StateNotWritable', folder, why, 'choose another folder with --home'));
  }
  return lockFolder(folder);
}
