/**
 * Loading and unloading by request: the model repository extension, in Triton's `explicit` mode. Orders are followed one
 * at a time, in the process that started the others, for all of them.
 */
import { fail, formatProblem, ok, type Result } from '../../base/index.js';
import { type Client, mayUse, missingRight, refusalFor } from '../auth/index.js';
import type { ModelCatalogue, ModelChange, ModelListing, ModelSource } from '../dataplane/index.js';
import type { ChangeAnswer, ModelOrder } from '../processes/index.js';
import type { InferenceError } from '../protocol/inference.js';
import type { ModelRepository } from './repository.js';

export interface ModelControlOptions {
  /** Undefined in mode `none`: what is served is what the server was started with. */
  readonly repository: ModelRepository | undefined;
  readonly catalogue: Pick<ModelCatalogue, 'list'>;
  readonly digestOf: (path: string) => Promise<string>;
  /** Resolves when what the server was started with is loaded. */
  readonly started: () => Promise<void>;
  /** Has every process of the pod go over to the change, or none. */
  readonly change: (change: ModelChange) => Promise<ChangeAnswer>;
}

/** A version in the index of the repository. */
export interface IndexEntry extends Pick<ModelListing, 'state' | 'reason'> {
  readonly name: string;
  readonly version: string;
}

/** In Triton's words, which its tools look for. */
const TURNED_OFF: InferenceError = {
  code: 'NotReady',
  message: 'explicit model load / unload is not allowed if polling is enabled',
};

/** Orders that wait for others; more are refused. */
const MAX_WAITING = 16;

const TOO_MANY: InferenceError = {
  code: 'QueueFull',
  message: 'too many models wait to be loaded or unloaded already',
  retryAfterSeconds: 5,
};

export class ModelControl {
  readonly #options: ModelControlOptions;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #elsewhere: ((order: ModelOrder) => Promise<ChangeAnswer>) | undefined;

  constructor(options: ModelControlOptions) {
    this.#options = options;
  }

  get enabled(): boolean {
    return this.#options.repository !== undefined;
  }

  /** Another process follows the orders, this one included. */
  leaveTo(order: (order: ModelOrder) => Promise<ChangeAnswer>): void {
    this.#elsewhere = order;
  }

  /** Does what `client` orders, if it may; resolves when it is done in every process. */
  async order(order: ModelOrder, client: Client | undefined): Promise<ChangeAnswer> {
    if (!this.enabled) return fail(TURNED_OFF);
    const refusal = refusalFor(client, order.model) ?? missingRight(client, 'load-models');
    if (refusal !== undefined) return fail(refusal);
    return this.#elsewhere === undefined ? this.follow(order) : this.#elsewhere(order);
  }

  /** Does what a client of any process ordered, after what was ordered before. */
  async follow(order: ModelOrder): Promise<ChangeAnswer> {
    if (this.#waiting >= MAX_WAITING) return fail(TOO_MANY);
    this.#waiting++;
    const done = this.#last.then(() => this.#follow(order)).finally(() => this.#waiting--);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** What is served, and what could be: all there is in the repository. */
  async index(): Promise<readonly ModelListing[]> {
    const known = this.#options.catalogue.list();
    const there = (await this.#options.repository?.list()) ?? [];
    const names = new Set(known.map(({ source: { name, version } }) => `${name}/${version}`));
    const others = there
      .filter(({ name, version }) => !names.has(`${name}/${version}`))
      .map((source): ModelListing => ({ source, state: 'UNAVAILABLE', reason: 'not loaded', needed: false }));
    return [...known, ...others];
  }

  /** The same for a client, as both protocols tell it: the models in its scope, with `readyOnly` those that are served. */
  async indexFor(client: Client | undefined, readyOnly: boolean): Promise<readonly IndexEntry[]> {
    return (await this.index())
      .filter(({ source, state }) => mayUse(client, source.name) && (!readyOnly || state === 'READY'))
      .map(({ source, state, reason }) => ({ name: source.name, version: source.version, state, reason }));
  }

  async #follow({ action, model }: ModelOrder): Promise<ChangeAnswer> {
    await this.#options.started();
    const sources = action === 'load' ? await this.#find(model) : await this.#nothing(model);
    if (!sources.ok) return sources;
    const changed = await this.#options.change({ model, sources: sources.value });
    if (changed.ok || changed.error.code !== 'InvalidArgument') return changed;
    return fail({ ...changed.error, message: `load failed for model '${model}': ${changed.error.message}` });
  }

  async #find(model: string): Promise<Result<readonly ModelSource[], InferenceError>> {
    const { repository, digestOf } = this.#options;
    const found = await repository?.find(model, digestOf);
    if (found?.ok === true) return found;
    const code = found?.error.code === 'ModelNotFound' ? 'ModelNotFound' : 'InvalidArgument';
    const why = found === undefined ? '' : formatProblem(found.error);
    return fail({ code, message: `failed to load '${model}', ${why}` });
  }

  /** Unloading what is not loaded is no mistake, as in Triton; a name that nobody knows is. */
  async #nothing(model: string): Promise<Result<readonly ModelSource[], InferenceError>> {
    if ((await this.index()).some(({ source }) => source.name === model)) return ok([]);
    return fail({ code: 'ModelNotFound', message: `failed to unload '${model}', there is no such model` });
  }
}
