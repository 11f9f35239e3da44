/**
 * The metrics of a serving process. Models count in plain numbers (see ModelStatistics); prom-client reads them when
 * somebody scrapes, so that a request pays nothing for labels. docs/metrics.md lists the names.
 */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';
import type { MetricsRegistry } from '../../base/index.js';
import type { Access, AccessFigures } from '../auth/index.js';
import type { Distribution, ModelCatalogue, ModelStatistics, ServedModel } from '../dataplane/index.js';

export interface MeasuredProcess {
  readonly catalogue: ModelCatalogue;
  /** HTTP answers by status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** gRPC answers by status: numbers of google.rpc.Code. */
  readonly grpcStatuses: ReadonlyMap<number, number>;
  readonly bodyBytesInFlight: () => number;
  readonly cache: () => CacheFigures | undefined;
  readonly access: Pick<Access, 'figures'>;
}

export interface CacheFigures {
  readonly bytes: number;
  readonly entries: number;
  readonly evictions: number;
  /** Undefined without Redis. */
  readonly redis:
    | { readonly failures: number; readonly open: boolean; readonly roundTripMs: number | undefined }
    | undefined;
}

const MODEL_LABELS = ['model', 'version'] as const;
type ModelLabel = (typeof MODEL_LABELS)[number];

export function registerMetrics(registry: MetricsRegistry, measured: MeasuredProcess): void {
  collectDefaultMetrics({ register: registry });
  registerModelMetrics(registry, measured.catalogue);
  registerHttpMetrics(registry, measured);
  registerCacheMetrics(registry, measured);
  registerAccessMetrics(registry, measured.access);
}

function registerModelMetrics(registry: MetricsRegistry, catalogue: ModelCatalogue): void {
  const histogram = (name: string, help: string, pick: (statistics: ModelStatistics) => Distribution) =>
    registry.registerMetric(new ReadHistogram(name, help, () => catalogue.ready(), pick));
  histogram(
    'gantry_prediction_duration_seconds',
    'From decoded request to answer, cache and queue included',
    (s) => s.latency,
  );
  histogram('gantry_queue_duration_seconds', 'Time a request waited for a batch', (s) => s.queued);
  histogram('gantry_run_duration_seconds', 'Duration of one run of the model', (s) => s.run);
  histogram('gantry_batch_rows', 'Rows in one run of the model', (s) => s.batchRows);
  counterOf(
    registry,
    'gantry_predictions_total',
    'Predictions by outcome: ok, or the code of the error',
    'outcome',
    catalogue,
    (s) => s.outcomes,
  );
  counterOf(
    registry,
    'gantry_cache_lookups_total',
    'What the cache did: hit_memory, hit_redis, miss, collapsed, refused',
    'result',
    catalogue,
    (s) => s.cache,
  );
  const queue = new Gauge({
    name: 'gantry_queue_length',
    help: 'Requests waiting for the model now',
    labelNames: MODEL_LABELS,
    registers: [registry],
    collect: () => {
      for (const model of catalogue.ready()) queue.set(labelsOf(model), model.statistics.queueLength);
    },
  });
  const ready = new Gauge({
    name: 'gantry_model_ready',
    help: '1 when the version is loaded and answers',
    labelNames: MODEL_LABELS,
    registers: [registry],
    collect: () => {
      for (const { source, state } of catalogue.list()) {
        ready.set({ model: source.name, version: source.version }, state === 'READY' ? 1 : 0);
      }
    },
  });
}

function registerHttpMetrics(registry: MetricsRegistry, measured: MeasuredProcess): void {
  statusCounter(registry, 'gantry_http_responses_total', 'HTTP answers by status', measured.statuses);
  statusCounter(
    registry,
    'gantry_grpc_responses_total',
    'gRPC answers by status, the number of google.rpc.Code',
    measured.grpcStatuses,
  );
  gaugeOf(
    registry,
    'gantry_http_body_bytes',
    'Bytes of request bodies in memory',
    measured.bodyBytesInFlight,
  );
}

function statusCounter(
  registry: MetricsRegistry,
  name: string,
  help: string,
  counts: ReadonlyMap<number, number>,
): void {
  const counter = new Counter({
    name,
    help,
    labelNames: ['status'] as const,
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [status, count] of counts) counter.inc({ status }, count);
    },
  });
}

function registerCacheMetrics(registry: MetricsRegistry, measured: MeasuredProcess): void {
  const figures = measured.cache();
  if (figures === undefined) return;
  const read = (pick: (now: CacheFigures) => number) => () => pick(measured.cache() ?? figures);
  gaugeOf(
    registry,
    'gantry_cache_bytes',
    'Bytes in the in-process cache',
    read((c) => c.bytes),
  );
  gaugeOf(
    registry,
    'gantry_cache_entries',
    'Entries in the in-process cache',
    read((c) => c.entries),
  );
  gaugeOf(
    registry,
    'gantry_cache_evictions',
    'Entries pushed out since the start',
    read((c) => c.evictions),
  );
  if (figures.redis === undefined) return;
  gaugeOf(
    registry,
    'gantry_redis_failures',
    'Redis commands failed or late since the start',
    read((c) => c.redis?.failures ?? 0),
  );
  gaugeOf(
    registry,
    'gantry_redis_circuit_open',
    '1 while Redis is left alone after failures',
    read((c) => (c.redis?.open ? 1 : 0)),
  );
  gaugeOf(
    registry,
    'gantry_redis_round_trip_seconds',
    'Smoothed time of a Redis command; 0 when unknown',
    read((c) => (c.redis?.roundTripMs ?? 0) / 1000),
  );
}

/** None where everybody may ask. */
function registerAccessMetrics(registry: MetricsRegistry, access: Pick<Access, 'figures'>): void {
  const { clients, certificateExpiresAt } = access.figures();
  const gauge = (name: string, help: string, pick: (now: AccessFigures) => number | undefined) =>
    gaugeOf(registry, name, help, () => pick(access.figures()) ?? 0);
  if (clients !== undefined) gauge('gantry_auth_clients', 'Clients that may ask', (now) => now.clients);
  if (certificateExpiresAt !== undefined) {
    gauge(
      'gantry_tls_certificate_expires_timestamp_seconds',
      'When the certificate of the server ends',
      (now) => now.certificateExpiresAt,
    );
  }
  if (clients === undefined && certificateExpiresAt === undefined) return;
  gauge(
    'gantry_auth_problems',
    'Files of clients and certificates that are not in force',
    (now) => now.problems,
  );
}

function gaugeOf(registry: MetricsRegistry, name: string, help: string, read: () => number): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect: () => {
      gauge.set(read());
    },
  });
}

function counterOf(
  registry: MetricsRegistry,
  name: string,
  help: string,
  label: 'outcome' | 'result',
  catalogue: ModelCatalogue,
  pick: (statistics: ModelStatistics) => ReadonlyMap<string, number>,
): void {
  const counter = new Counter({
    name,
    help,
    labelNames: [...MODEL_LABELS, label],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const model of catalogue.ready()) {
        for (const [what, count] of pick(model.statistics))
          counter.inc({ ...labelsOf(model), [label]: what }, count);
      }
    },
  });
}

function labelsOf({ source }: ServedModel): Record<ModelLabel, string> {
  return { model: source.name, version: source.version };
}

/** A histogram whose counts are kept elsewhere: prom-client can only observe values one by one. */
class ReadHistogram extends Histogram<ModelLabel | 'le'> {
  readonly #models: () => readonly ServedModel[];
  readonly #pick: (statistics: ModelStatistics) => Distribution;
  readonly #name: string;
  /** Gives what describes a histogram. */
  readonly #empty: Histogram<ModelLabel | 'le'>;

  constructor(
    name: string,
    help: string,
    models: () => readonly ServedModel[],
    pick: (statistics: ModelStatistics) => Distribution,
  ) {
    super({ name, help, registers: [] });
    this.#name = name;
    this.#empty = new Histogram({ name, help, registers: [] });
    this.#models = models;
    this.#pick = pick;
  }

  /** What prom-client's own `get` and its text format read; its types leave it out. */
  async getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<ModelLabel | 'le'>>> {
    const values = this.#models().flatMap((model) =>
      this.#valuesOf(labelsOf(model), this.#pick(model.statistics)),
    );
    return { ...(await this.#empty.get()), values };
  }

  #valuesOf(
    labels: Record<ModelLabel, string>,
    distribution: Distribution,
  ): MetricValueWithName<ModelLabel | 'le'>[] {
    let cumulative = 0;
    const buckets = distribution.counts.map((count, bucket) => {
      cumulative += count;
      const le = distribution.bounds[bucket] ?? '+Inf';
      return { metricName: `${this.#name}_bucket`, labels: { le, ...labels }, value: cumulative };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: distribution.sum },
      { metricName: `${this.#name}_count`, labels, value: distribution.count },
    ];
  }
}
