/** This process as one of its pod's: what it answers the others, and what it asks them for an answer of all. */
import type { Clock } from '../base/index.js';
import type { MetricsRegistry } from '../base/metrics/index.js';
import type { Lease, LeaseRequest, Lender } from './auth/index.js';
import { LocalChanges, ModelControl, type ModelRepository } from './control/index.js';
import type { VersionName } from './cache/index.js';
import type { DataPlaneOptions, ModelCatalogue, ServedModel } from './dataplane/index.js';
import { statisticsEntry } from './http/modelRoutes.js';
import type { ModelCache } from './modelCache.js';
import type { LedPod, Pod, PodShare, Question } from './processes/index.js';
import { changeEverywhere } from './processes/everywhere.js';
import { addStatistics } from './processes/podStatistics.js';

export interface PodSideOptions {
  readonly catalogue: ModelCatalogue;
  /** This process' own, once it is complete. */
  readonly registry: () => Promise<MetricsRegistry>;
  readonly exemplars: boolean;
  /** Lends requests of a client, in the process that counts them. */
  readonly lend: (request: LeaseRequest) => Lease;
  /** Of this process; undefined where the cache is turned off. */
  readonly cache: () => ModelCache | undefined;
  /** Of the pod, as far as that is known at the start. */
  readonly processes: number;
  /** Where models are loaded from by request; undefined where that is turned off. */
  readonly repository: ModelRepository | undefined;
  /** What models are served with; undefined before the server has that. */
  readonly dataPlane: () => DataPlaneOptions | undefined;
  /** Resolves when what the server was started with is loaded. */
  readonly started: () => Promise<void>;
  /** Called when other models are served than before. */
  readonly onChanged: () => void;
  readonly clock: Clock;
}

export class PodSide {
  readonly #options: PodSideOptions;
  readonly #changes: LocalChanges;
  readonly control: ModelControl;
  #ask: Pod['ask'] | undefined;
  #borrow: Lender | undefined;
  #led: LedPod | undefined;

  constructor(options: PodSideOptions) {
    this.#options = options;
    this.#changes = new LocalChanges(options);
    this.control = new ModelControl({
      repository: options.repository,
      catalogue: options.catalogue,
      started: options.started,
      digestOf: async (path) => (await this.#dataPlane()).digestOf(path),
      change: (change) =>
        this.#led?.change(change) ??
        changeEverywhere(change, { first: this, others: [], clock: options.clock }),
    });
  }

  /** Another process started this one, which has loaded its models. */
  joinPod(pod: Pod): void {
    this.#ask = pod.ask;
    this.#borrow = pod.borrow;
    this.control.leaveTo(pod.order);
  }

  /** This process has started others. */
  leadPod(pod: LedPod): void {
    this.#ask = pod.ask;
    this.#led = pod;
  }

  /** Of a process that the pod does not know yet, nobody asks anything. */
  readonly borrow: Lender = async (request) => this.#borrow?.(request);

  /** Processes of the pod. */
  get processes(): number {
    return this.#led?.processes ?? this.#options.processes;
  }

  /** This process' own part. Undefined when there is none. */
  async answer(question: Question): Promise<unknown> {
    const { catalogue, registry, lend } = this.#options;
    switch (question.what) {
      case 'metrics':
        return (await registry()).getMetricsAsJSON();
      case 'statistics': {
        const found = catalogue.find(question.model, question.version);
        return found.ok ? statisticsEntry(found.value) : undefined;
      }
      case 'purge': {
        const { model: name, version, generation } = question;
        return this.#options.cache()?.purgeHere({ name, version }, generation) ?? 0;
      }
      case 'share':
        return this.#share();
      case 'order':
        return this.control.follow(question.order);
      case 'lease':
        return lend(question.request);
      default:
        return this.#changes.take(question);
    }
  }

  async metrics(): Promise<MetricsRegistry> {
    const { registry, exemplars } = this.#options;
    if (this.#ask === undefined) return registry();
    const { sumOfProcesses } = await import('./processes/podMetrics.js');
    return sumOfProcesses((await this.#ask({ what: 'metrics' })).filter(isObject), exemplars);
  }

  async statistics(model: ServedModel): Promise<object> {
    if (this.#ask === undefined) return statisticsEntry(model);
    const { name, version } = model.source;
    const entries = await this.#ask({ what: 'statistics', model: name, version });
    return addStatistics(entries.filter(isObject));
  }

  /** Entries dropped by each process. */
  async purge({ name, version }: VersionName, generation: number): Promise<readonly number[]> {
    const question = { what: 'purge', model: name, version, generation } as const;
    const answers = this.#ask === undefined ? [await this.answer(question)] : await this.#ask(question);
    return answers.filter((answer) => typeof answer === 'number');
  }

  #share(): PodShare {
    const models = this.#options.catalogue.ready().map(({ source }) => source);
    return { models, processes: this.processes };
  }

  async #dataPlane(): Promise<DataPlaneOptions> {
    await this.#options.started();
    const dataPlane = this.#options.dataPlane();
    if (dataPlane === undefined) throw new Error('the server could not be started');
    return dataPlane;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
