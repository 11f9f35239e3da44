/** What each version of a model did; the numbers themselves are in its ModelStatistics. */
import type { MetricsRegistry } from '../../../base/index.js';
import type { Distribution, ModelCatalogue, ModelStatistics, ServedModel } from '../../dataplane/index.js';
import { ReadHistogram } from './readHistogram.js';
import { type Labels, readCounter, readGauge, type Sample } from './readMetrics.js';

const MODEL = ['model', 'version'] as const;

export function registerModelMetrics(
  registry: MetricsRegistry,
  catalogue: ModelCatalogue,
  queueLimit: number,
): void {
  registerHistograms(registry, catalogue);
  registerCounters(registry, catalogue);
  registerState(registry, catalogue);
  const perModel = (read: (model: ServedModel) => number) => () =>
    catalogue.ready().map((model): Sample => [labelsOf(model), read(model)]);
  readGauge(
    registry,
    { name: 'gantry_queue_length', help: 'Requests waiting for the model now.' },
    MODEL,
    perModel(({ statistics }) => statistics.queueLength),
  );
  readGauge(
    registry,
    { name: 'gantry_queue_limit', help: 'Requests that may wait for the model; more are refused.' },
    MODEL,
    perModel(() => queueLimit),
  );
  readGauge(
    registry,
    {
      name: 'gantry_concurrency_limit',
      help: 'Requests of a slow model that may wait and run together, from its latency; 0 where that is not limited.',
    },
    MODEL,
    perModel(({ statistics }) => statistics.concurrencyLimit),
  );
}

function registerHistograms(registry: MetricsRegistry, catalogue: ModelCatalogue): void {
  const histogram = (name: string, help: string, pick: (statistics: ModelStatistics) => Distribution) =>
    registry.registerMetric(
      new ReadHistogram({ name, help }, () =>
        catalogue.ready().map((model) => [labelsOf(model), pick(model.statistics)]),
      ),
    );
  histogram(
    'gantry_prediction_duration_seconds',
    'From decoded request to answer, cache and queue included.',
    (s) => s.latency,
  );
  histogram('gantry_queue_duration_seconds', 'How long requests waited for a batch.', (s) => s.queued);
  histogram('gantry_run_duration_seconds', 'How long one run of the model took.', (s) => s.run);
  histogram('gantry_batch_rows', 'Rows in one run of the model.', (s) => s.batchRows);
}

function registerCounters(registry: MetricsRegistry, catalogue: ModelCatalogue): void {
  const counter = (name: string, help: string, pick: (statistics: ModelStatistics) => number) =>
    readCounter(registry, { name, help }, MODEL, () =>
      catalogue.ready().map((model) => [labelsOf(model), pick(model.statistics)]),
    );
  const byWhat = (
    text: { readonly name: string; readonly help: string },
    label: string,
    pick: (statistics: ModelStatistics) => ReadonlyMap<string, number>,
  ) =>
    readCounter(registry, text, [...MODEL, label], () =>
      catalogue
        .ready()
        .flatMap((model) =>
          [...pick(model.statistics)].map(([what, n]): Sample => [{ ...labelsOf(model), [label]: what }, n]),
        ),
    );
  counter(
    'gantry_request_bytes_total',
    'Bytes of request bodies and gRPC requests, unpacked.',
    (s) => s.bytesIn,
  );
  counter(
    'gantry_response_bytes_total',
    'Bytes of response bodies and gRPC answers, before packing.',
    (s) => s.bytesOut,
  );
  byWhat(
    { name: 'gantry_predictions_total', help: 'Predictions by outcome: ok, or the code of the error.' },
    'outcome',
    (s) => s.outcomes,
  );
  byWhat(
    { name: 'gantry_cache_lookups_total', help: 'Predictions by what the cache did for them.' },
    'result',
    (s) => s.cache,
  );
}

function registerState(registry: MetricsRegistry, catalogue: ModelCatalogue): void {
  readGauge(
    registry,
    { name: 'gantry_model_ready', help: '1 when the version is loaded and answers.', aggregator: 'min' },
    MODEL,
    () =>
      catalogue
        .list()
        .filter(({ needed }) => needed)
        .map(({ source: { name, version }, state }) => [{ model: name, version }, state === 'READY' ? 1 : 0]),
  );
  readGauge(
    registry,
    { name: 'gantry_model_info', help: '1, for how each version is run.', aggregator: 'first' },
    [...MODEL, 'stage', 'digest', 'placement', 'threads', 'max_rows'],
    () =>
      catalogue.ready().map((model) => {
        const { stage, digest } = model.source;
        const { placement, threads, maxRows } = model.plan;
        return [{ ...labelsOf(model), stage, digest, placement, threads, max_rows: maxRows }, 1];
      }),
  );
}

function labelsOf({ source }: ServedModel): Labels {
  return { model: source.name, version: source.version };
}
