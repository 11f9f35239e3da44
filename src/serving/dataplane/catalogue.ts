/** The models of this process, by name and version, whichever state they are in. */
import { fail, formatProblem, messageOf, ok, ProblemError, type Result } from '../../base/index.js';
import type { InferenceError } from '../protocol/inference.js';
import { type DataPlaneOptions, type ModelSource, type ServedModel, serveModel } from './servedModel.js';

interface Entry {
  readonly source: ModelSource;
  state:
    | { readonly kind: 'loading' }
    | { readonly kind: 'ready'; readonly model: ServedModel }
    | { readonly kind: 'failed'; readonly reason: string };
}

export interface ModelListing {
  readonly source: ModelSource;
  readonly state: 'LOADING' | 'READY' | 'UNAVAILABLE';
  /** Why it is unavailable; empty otherwise. */
  readonly reason: string;
}

export class ModelCatalogue {
  readonly #entries = new Map<string, Map<string, Entry>>();
  /** By model: looked up at each request, so worked out before. */
  readonly #defaults = new Map<string, string>();

  /** `defaults` names the version meant when a request names none; else it is the highest. */
  constructor(sources: readonly ModelSource[], defaults: ReadonlyMap<string, string>) {
    for (const source of sources) {
      const versions = this.#entries.get(source.name) ?? new Map<string, Entry>();
      versions.set(source.version, { source, state: { kind: 'loading' } });
      this.#entries.set(source.name, versions);
    }
    for (const name of this.#entries.keys()) {
      this.#defaults.set(name, defaults.get(name) ?? this.versions(name).at(-1) ?? '');
    }
  }

  /** Loads all, one after another: each is timed, and two at a time would time each other. Never rejects. */
  async load(options: DataPlaneOptions): Promise<void> {
    for (const entry of this.#all()) {
      try {
        entry.state = { kind: 'ready', model: await serveModel(entry.source, options) };
      } catch (error) {
        const reason = error instanceof ProblemError ? formatProblem(error.problem) : messageOf(error);
        entry.state = { kind: 'failed', reason };
        options.logger.error(
          { model: entry.source.name, version: entry.source.version, reason },
          'model not loaded',
        );
      }
    }
  }

  find(name: string, version?: string): Result<ServedModel, InferenceError> {
    const entry = this.#entries.get(name)?.get(version ?? this.#defaults.get(name) ?? '');
    if (entry === undefined) return fail(this.unknown(name, version) ?? modelNotFound(name));
    if (entry.state.kind === 'ready') return ok(entry.state.model);
    const why =
      entry.state.kind === 'loading' ? 'is still loading' : `could not be loaded: ${entry.state.reason}`;
    return fail({ code: 'NotReady', message: `model "${name}" version ${entry.source.version} ${why}` });
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
    return this.#all().map(({ source, state }) => ({
      source,
      state: state.kind === 'ready' ? 'READY' : state.kind === 'loading' ? 'LOADING' : 'UNAVAILABLE',
      reason: state.kind === 'failed' ? state.reason : '',
    }));
  }

  ready(): readonly ServedModel[] {
    return this.#all().flatMap(({ state }) => (state.kind === 'ready' ? [state.model] : []));
  }

  async close(): Promise<void> {
    await Promise.all(this.ready().map((model) => model.close()));
  }

  #all(): Entry[] {
    return [...this.#entries.values()].flatMap((versions) => [...versions.values()]);
  }
}

function modelNotFound(name: string): InferenceError {
  return { code: 'ModelNotFound', message: `there is no model "${name}"` };
}

/** "9" before "10", "1.9" before "1.10". */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
