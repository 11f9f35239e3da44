/** What a process answers when the whole pod is asked, and how the answers of all are put together. */
import type { MetricsRegistry } from '../base/index.js';
import type { ModelCatalogue, ServedModel } from './dataplane/index.js';
import { statisticsEntry } from './http/modelRoutes.js';
import type { Question } from './processes/index.js';
import { addStatistics } from './processes/podStatistics.js';

export interface PodAnswersOptions {
  readonly catalogue: ModelCatalogue;
  /** This process' own, once it is complete. */
  readonly registry: () => Promise<MetricsRegistry>;
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
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
