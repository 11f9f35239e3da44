/** The models of this process, by name and version, whichever state they are in. */
import { fail, formatProblem, messageOf, ok, problem, ProblemError, type Result } from '../../base/index.js';
import type { InferenceError } from '../protocol/inference.js';
import { type DataPlaneOptions, type ModelSource, type ServedModel, serveModel } from './servedModel.js';

interface Entry {
  readonly source: ModelSource;
  state:
    | { readonly kind: 'loading' }
    | { readonly kind: 'ready'; readonly model: ServedModel }
    | { readonly kind: 'failed'; readonly reason: string };
}

/** Triton's names of them. */
export type ModelState = 'LOADING' | 'READY' | 'UNLOADING' | 'UNAVAILABLE';

export interface ModelListing {
  readonly source: { readonly name: string; readonly version: string };
  readonly state: ModelState;
  /** Why it is unavailable; empty otherwise. */
  readonly reason: string;
  /** Whether the server is not ready before this one is: not for what was loaded or unloaded since by request. */
  readonly needed: boolean;
}

/** What is told of a version that is not served: it is on its way in or out, or could not be loaded by request. */
interface Note {
  readonly state: Exclude<ModelState, 'READY'>;
  readonly reason: string;
}

/** The versions of a model that are to be served from now on; none to unload it. */
export interface ModelChange {
  readonly model: string;
  readonly sources: readonly ModelSource[];
}

/** A change whose models are loaded and wait beside those that are served. */
export interface PreparedChange {
  /** Serves the new from this moment; resolves when what is served no more has answered its requests and is freed. */
  commit(): Promise<void>;
  /** Leaves all as it was, and frees what was loaded. */
  abandon(): Promise<void>;
}

export class ModelCatalogue {
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #notes = new Map<string, Map<string, Note>>();
  readonly #chosenDefaults: ReadonlyMap<string, string>;
  /** By model: looked up at each request, so worked out before. */
  readonly #defaults = new Map<string, string>();
  #closed = false;

  /** `defaults` names the version meant when a request names none; else it is the highest. */
  constructor(sources: readonly ModelSource[], defaults: ReadonlyMap<string, string>) {
    this.#chosenDefaults = defaults;
    for (const source of sources) {
      const versions = this.#entries.get(source.name) ?? new Map<string, Entry>();
      versions.set(source.version, { source, state: { kind: 'loading' } });
      this.#entries.set(source.name, versions);
    }
    for (const name of this.#entries.keys()) this.#chooseDefault(name);
  }

  /** Loads all, one after another: each is timed, and two at a time would time each other. Never rejects. */
  async load(options: DataPlaneOptions): Promise<void> {
    for (const entry of this.#all()) {
      try {
        const model = await serveModel(entry.source, options, { answering: false });
        entry.state = { kind: 'ready', model };
      } catch (error) {
        const reason = reasonOf(error);
        entry.state = { kind: 'failed', reason };
        options.logger.error(
          { model: entry.source.name, version: entry.source.version, reason },
          'model not loaded',
        );
      }
    }
  }

  /**
   * Loads what the change wants and is not served with the same bytes yet, while all goes on as it was. Fails with the
   * reason when one cannot be loaded: then none is. There must be no other change under way.
   */
  async prepare(change: ModelChange, options: DataPlaneOptions): Promise<Result<PreparedChange, string>> {
    const served = this.#entries.get(change.model);
    const missing = change.sources.filter(({ version, digest }) => !isServed(served?.get(version), digest));
    const fresh = new Map<string, ServedModel>();
    const note = (source: ModelSource, state: Note['state'], reason: string) => {
      if (served?.has(source.version) !== true) this.#note(change.model, source.version, { state, reason });
    };
    for (const source of missing) note(source, 'LOADING', '');
    try {
      for (const source of missing) {
        if (this.#closed) throw new Error('the server is shutting down');
        await verifyBytes(source, options.digestOf);
        fresh.set(source.version, await serveModel(source, options, { answering: true }));
      }
    } catch (error) {
      const reason = reasonOf(error);
      options.logger.warn({ model: change.model, reason }, 'model not loaded');
      for (const source of missing) note(source, 'UNAVAILABLE', reason);
      await Promise.allSettled([...fresh.values()].map((model) => model.close()));
      return fail(reason);
    }
    return ok({
      commit: () => {
        const versions = change.sources.map(({ version }) => version);
        options.logger.info({ model: change.model, versions }, 'other versions are served');
        return this.#commit(change, fresh);
      },
      abandon: async () => {
        for (const source of missing) note(source, 'UNAVAILABLE', 'another process could not load it');
        await Promise.allSettled([...fresh.values()].map((model) => model.close()));
      },
    });
  }

  find(name: string, version?: string): Result<ServedModel, InferenceError> {
    const versions = this.#entries.get(name);
    const wanted = version ?? this.#defaults.get(name) ?? '';
    const entry = versions?.get(wanted);
    if (entry?.state.kind === 'ready') return ok(entry.state.model);
    return fail(this.#whyNot(name, version, entry));
  }

  /** Why there is no such model or version, in whatever state; undefined when there is. */
  unknown(name: string, version?: string): InferenceError | undefined {
    const versions = this.#entries.get(name);
    if (versions === undefined) return modelNotFound(name);
    if (version === undefined || versions.has(version)) return undefined;
    return { code: 'VersionNotFound', message: `model "${name}" has no version "${version}"` };
  }

  /** Versions of a model, lowest first; empty when there is no such model. */
  versions(name: string): readonly string[] {
    return [...(this.#entries.get(name)?.keys() ?? [])].sort(byVersion);
  }

  list(): readonly ModelListing[] {
    const entries = this.#all().map(({ source, state }): ModelListing => ({
      source,
      state: state.kind === 'ready' ? 'READY' : state.kind === 'loading' ? 'LOADING' : 'UNAVAILABLE',
      reason: state.kind === 'failed' ? state.reason : '',
      needed: true,
    }));
    const notes = [...this.#notes].flatMap(([name, versions]) =>
      [...versions].map(([version, note]) => ({ source: { name, version }, ...note, needed: false })),
    );
    return [...entries, ...notes];
  }

  ready(): readonly ServedModel[] {
    return this.#all().flatMap(({ state }) => (state.kind === 'ready' ? [state.model] : []));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.ready().map((model) => model.close()));
  }

  async #commit({ model, sources }: ModelChange, fresh: ReadonlyMap<string, ServedModel>): Promise<void> {
    const before = this.#entries.get(model) ?? new Map<string, Entry>();
    const after = new Map<string, Entry>();
    for (const source of sources) {
      const loaded = fresh.get(source.version);
      const kept = before.get(source.version);
      if (loaded !== undefined)
        after.set(source.version, { source, state: { kind: 'ready', model: loaded } });
      else if (kept !== undefined) after.set(source.version, kept);
    }
    if (after.size === 0) this.#entries.delete(model);
    else this.#entries.set(model, after);
    this.#chooseDefault(model);
    this.#notes.delete(model);
    const leaving = [...before.values()].filter((entry) => after.get(entry.source.version) !== entry);
    const gone = leaving.filter(({ source }) => !after.has(source.version));
    for (const { source } of gone) this.#note(model, source.version, { state: 'UNLOADING', reason: '' });
    const freed = leaving.flatMap(({ state }) => (state.kind === 'ready' ? [state.model.close()] : []));
    await Promise.allSettled(freed);
    for (const { source } of gone)
      if (this.#notes.get(model)?.get(source.version)?.state === 'UNLOADING')
        this.#note(model, source.version, { state: 'UNAVAILABLE', reason: 'unloaded' });
    // Of a server that closed meanwhile, nobody else knows these.
    if (this.#closed) await Promise.allSettled([...fresh.values()].map((late) => late.close()));
  }

  #note(model: string, version: string, note: Note): void {
    const notes = this.#notes.get(model) ?? new Map<string, Note>();
    notes.set(version, note);
    this.#notes.set(model, notes);
  }

  #chooseDefault(name: string): void {
    const chosen = this.#chosenDefaults.get(name) ?? this.versions(name).at(-1);
    if (chosen === undefined) this.#defaults.delete(name);
    else this.#defaults.set(name, chosen);
  }

  #whyNot(name: string, version: string | undefined, entry: Entry | undefined): InferenceError {
    if (entry === undefined) return this.#whyUnknown(name, version);
    const why =
      entry.state.kind === 'failed' ? `could not be loaded: ${entry.state.reason}` : 'is still loading';
    return { code: 'NotReady', message: `model "${name}" version ${entry.source.version} ${why}` };
  }

  #whyUnknown(name: string, version: string | undefined): InferenceError {
    const notes = this.#notes.get(name);
    const note = version === undefined ? [...(notes?.values() ?? [])].at(-1) : notes?.get(version);
    if (note === undefined || (version === undefined && this.#entries.has(name)))
      return this.unknown(name, version) ?? modelNotFound(name);
    const why = note.reason === '' ? note.state.toLowerCase() : note.reason;
    return { code: 'NotReady', message: `model "${name}" is not served: ${why}` };
  }

  #all(): Entry[] {
    return [...this.#entries.values()].flatMap((versions) => [...versions.values()]);
  }
}

function modelNotFound(name: string): InferenceError {
  return { code: 'ModelNotFound', message: `there is no model "${name}"` };
}

function isServed(entry: Entry | undefined, digest: string): boolean {
  return entry?.state.kind === 'ready' && entry.source.digest === digest;
}

/** Whoever found the digest did so a while ago, and perhaps in another process. */
async function verifyBytes({ path, digest }: ModelSource, digestOf: (path: string) => Promise<string>) {
  const found = await digestOf(path);
  if (found !== digest) {
    throw new ProblemError(
      problem(
        'DigestMismatch',
        path,
        `its bytes have digest ${found}, not ${digest}`,
        'load the model again',
      ),
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ProblemError ? formatProblem(error.problem) : messageOf(error);
}

/** "9" before "10", "1.9" before "1.10". */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
