/** What a process answers when the whole pod is asked, and how the answers of all are put together. */
import type { MetricsRegistry } from '../base/index.js';
import type { VersionName } from './cache/index.js';
import type { ModelCatalogue, ServedModel } from './dataplane/index.js';
import { statisticsEntry } from './http/modelRoutes.js';
import type { ModelCache } from './modelCache.js';
import type { Question } from './processes/index.js';
import { addStatistics } from './processes/podStatistics.js';

export interface PodAnswersOptions {
  readonly catalogue: ModelCatalogue;
  /** This process' own, once it is complete. */
  readonly registry: () => Promise<MetricsRegistry>;
  /** Of this process; undefined where the cache is turned off. */
  readonly cache: () => ModelCache | undefined;
}

export class PodAnswers {
  readonly #options: PodAnswersOptions;
  #askPod: ((question: Question) => Promise<readonly unknown[]>) | undefined;

  constructor(options: PodAnswersOptions) {
    this.#options = options;
  }

  /** There are other processes from now on. */
  joinPod(ask: (question: Question) => Promise<readonly unknown[]>): void {
    this.#askPod = ask;
  }

  /** This process' own part. Undefined when there is none. */
  async answer(question: Question): Promise<unknown> {
    const { catalogue, registry } = this.#options;
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
    }
  }

  async metrics(): Promise<MetricsRegistry> {
    if (this.#askPod === undefined) return this.#options.registry();
    const { sumOfProcesses } = await import('./processes/podMetrics.js');
    return sumOfProcesses((await this.#askPod({ what: 'metrics' })).filter(isObject));
  }

  async statistics(model: ServedModel): Promise<object> {
    if (this.#askPod === undefined) return statisticsEntry(model);
    const { name, version } = model.source;
    const entries = await this.#askPod({ what: 'statistics', model: name, version });
    return addStatistics(entries.filter(isObject));
  }

  /** Entries dropped by each process. */
  async purge({ name, version }: VersionName, generation: number): Promise<readonly number[]> {
    const question = { what: 'purge', model: name, version, generation } as const;
    const answers = this.#askPod === undefined ? [await this.answer(question)] : await this.#askPod(question);
    return answers.filter((answer) => typeof answer === 'number');
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
