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
  /** Takes one change (`text` undefined removes the row) and the revision it happened at; they are kept together. */
  write(revision: number, key: string, text: string | undefined): void;
  /** Once it resolves, a killed process loses nothing of what was written before; undefined when that needs no waiting. */
  committed(): Promise<void> | undefined;
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
    committed: () => undefined,
    close: () => Promise.resolve(),
  };
}
