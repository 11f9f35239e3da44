/** What survives a restart: the present state of every object and the revision counter. History does not. */
export interface StoredRow {
  /** `bucket key`, see rowKey. */
  readonly key: string;
  /** The object as JSON; its metadata.resourceVersion is the revision it was written at. */
  readonly text: string;
}

export interface Storage {
  /** What was written, in any order, and the highest revision ever given out (0 for a new store). */
  load(): { readonly revision: number; readonly rows: Iterable<StoredRow> };
  /**
   * Writes one change (`text` undefined removes the row) and the revision it happened at, together. Once it has
   * returned, a killed process loses neither.
   */
  write(revision: number, key: string, text: string | undefined): void;
  /** Ends all use of the storage. */
  close(): Promise<void>;
}

/** Keeps rows for as long as the value lives: a server opened again on it finds what the last one left. */
export function memoryStorage(): Storage {
  const rows = new Map<string, string>();
  let latest = 0;
  return {
    load: () => ({ revision: latest, rows: Array.from(rows, ([key, text]) => ({ key, text })) }),
    write(revision, key, text) {
      latest = revision;
      if (text === undefined) rows.delete(key);
      else rows.set(key, text);
    },
    close: () => Promise.resolve(),
  };
}
