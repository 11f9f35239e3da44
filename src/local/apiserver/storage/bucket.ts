import type { KubeObject } from '../../../kube/index.js';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** `namespace/name`, or `name`. */
  readonly key: string;
  /** The state after the change; for a deletion the last state, with the revision of the deletion. */
  readonly object: KubeObject;
  /** The state before; undefined when the object is new. */
  readonly previous: KubeObject | undefined;
}

/** How many changes of a bucket a watch can look back on. */
const HISTORY = 1024;

/** The objects of one kind, ordered by key, with their latest changes. Objects are never changed in place. */
export class Bucket {
  private readonly objects = new Map<string, KubeObject>();
  /** Keys in order; undefined when it has to be sorted anew. */
  private order: string[] | undefined = [];
  private history: Change[] = [];
  /** Changes up to this revision are no longer known. */
  private forgotten: number;
  /** Watches may not start before this revision. */
  private compacted: number;
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(revision: number) {
    this.forgotten = revision;
    this.compacted = revision;
  }

  get(key: string): KubeObject | undefined {
    return this.objects.get(key);
  }

  get size(): number {
    return this.objects.size;
  }

  /** In the order of keys. */
  list(): KubeObject[] {
    const objects: KubeObject[] = [];
    for (const key of this.keys()) {
      const object = this.objects.get(key);
      if (object !== undefined) objects.push(object);
    }
    return objects;
  }

  /** The state at a past revision; undefined when it is too long ago. */
  listAt(revision: number): KubeObject[] | undefined {
    if (revision < this.forgotten) return undefined;
    const newest = this.history.at(-1);
    if (newest === undefined || newest.revision <= revision) return this.list();
    const state = new Map(this.objects);
    for (let index = this.history.length - 1; index >= 0; index--) {
      const change = this.history[index];
      if (change === undefined || change.revision <= revision) break;
      if (change.previous === undefined) state.delete(change.key);
      else state.set(change.key, change.previous);
    }
    return [...state.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** The changes after a revision, oldest first; undefined when some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.forgotten || revision < this.compacted) return undefined;
    let start = this.history.length;
    while (start > 0 && (this.history[start - 1]?.revision ?? 0) > revision) start--;
    return this.history.slice(start);
  }

  /** Called with each change from now on, in order, before the writer gets its answer. */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Watches from before `revision` are refused from now on. */
  compact(revision: number): void {
    this.compacted = revision;
  }

  /** Puts in what was stored by an earlier process: no history, no listeners. */
  restore(key: string, object: KubeObject): void {
    this.objects.set(key, object);
    this.order = undefined;
  }

  record(change: Change): void {
    if (change.type === 'DELETED') this.objects.delete(change.key);
    else this.objects.set(change.key, change.object);
    if (change.type !== 'MODIFIED') this.order = undefined;
    this.history.push(change);
    if (this.history.length > 2 * HISTORY) this.forget(HISTORY);
    for (const listener of [...this.listeners]) listener(change);
  }

  private forget(count: number): void {
    this.forgotten = this.history[count - 1]?.revision ?? this.forgotten;
    this.history = this.history.slice(count);
  }

  private keys(): readonly string[] {
    this.order ??= [...this.objects.keys()].sort();
    return this.order;
  }
}
