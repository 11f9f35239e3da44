/** What a start would do with models, without a server: each is loaded, measured and freed again. */
import { silentLogger, systemClock } from '../base/index.js';
import { ModelCatalogue, type ModelSource, type Plan } from './dataplane/index.js';
import { prepareModelServing } from './modelServing.js';
import type { ServerOptions } from './serverOptions.js';

export interface TriedModel {
  readonly source: ModelSource;
  /** How it would be run; undefined when it cannot be loaded. */
  readonly plan: Plan | undefined;
  /** Why it cannot be loaded; empty when it can. */
  readonly reason: string;
}

export type TryOptions = Pick<ServerOptions, 'config' | 'models' | 'workerFile'>;

/** One model after another, as a start would. Neither the cache nor Redis is touched. Never rejects for a model's sake. */
export async function tryModels(options: TryOptions): Promise<readonly TriedModel[]> {
  const config = { ...options.config, cache: { ...options.config.cache, enabled: false } };
  const settings = { ...options, config, logger: silentLogger };
  const { dataPlane } = await prepareModelServing(settings, { clock: systemClock, defer: setImmediate });
  const catalogue = new ModelCatalogue(options.models, new Map());
  await catalogue.load(dataPlane);
  const reasons = new Map(catalogue.list().map(({ source, reason }) => [source, reason]));
  const plans = new Map(catalogue.ready().map(({ source, plan }) => [source, plan]));
  await catalogue.close();
  return options.models.map((source) => ({
    source,
    plan: plans.get(source),
    reason: reasons.get(source) ?? '',
  }));
}
