/** The metrics of a serving process. docs/metrics.md lists them, and a test holds it to this. */
import type { MetricsRegistry } from '../../../base/index.js';
import { createMetricsRegistry, exposeProcess, printAsOpenMetrics } from '../../../base/metrics/index.js';
import type { Access } from '../../auth/index.js';
import type { ModelCatalogue } from '../../dataplane/index.js';
import { registerModelMetrics } from './modelMetrics.js';
import { type MetricText, readCounter, readGauge, single } from './readMetrics.js';

export interface MeasuredProcess {
  /** Gantry's own version. */
  readonly version: string;
  /** Whether the page has room for exemplars. */
  readonly exemplars: boolean;
  readonly catalogue: ModelCatalogue;
  /** Requests that may wait for one model. */
  readonly queueLimit: number;
  /** HTTP answers by status. */
  readonly httpStatuses: ReadonlyMap<number, number>;
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

export function serverMetrics(measured: MeasuredProcess): MetricsRegistry {
  const registry = createMetricsRegistry();
  if (measured.exemplars) printAsOpenMetrics(registry);
  exposeProcess(registry, measured.version);
  registerModelMetrics(registry, measured.catalogue, measured.queueLimit);
  registerAnswers(registry, measured);
  const figures = measured.cache();
  if (figures !== undefined) {
    const now = () => measured.cache() ?? figures;
    registerCache(registry, now);
    if (figures.redis !== undefined) registerRedis(registry, now);
  }
  registerAccess(registry, measured.access);
  return registry;
}

function registerAnswers(registry: MetricsRegistry, measured: MeasuredProcess): void {
  const byStatus = (name: string, help: string, counts: ReadonlyMap<number, number>) =>
    readCounter(registry, { name, help }, ['status'], () =>
      [...counts].map(([status, count]) => [{ status }, count]),
    );
  byStatus('gantry_http_responses_total', 'HTTP answers by status.', measured.httpStatuses);
  byStatus(
    'gantry_grpc_responses_total',
    'gRPC answers by status, the number of google.rpc.Code.',
    measured.grpcStatuses,
  );
  gauge(
    registry,
    { name: 'gantry_http_body_bytes', help: 'Bytes of request bodies in memory.' },
    measured.bodyBytesInFlight,
  );
}

function registerCache(registry: MetricsRegistry, now: () => CacheFigures): void {
  gauge(registry, { name: 'gantry_cache_bytes', help: 'Bytes in the in-process cache.' }, () => now().bytes);
  gauge(
    registry,
    { name: 'gantry_cache_entries', help: 'Entries in the in-process cache.' },
    () => now().entries,
  );
  readCounter(
    registry,
    { name: 'gantry_cache_evictions_total', help: 'Entries pushed out of the in-process cache.' },
    [],
    single(() => now().evictions),
  );
}

function registerRedis(registry: MetricsRegistry, now: () => CacheFigures): void {
  readCounter(
    registry,
    { name: 'gantry_redis_failures_total', help: 'Redis commands that failed or were late.' },
    [],
    single(() => now().redis?.failures ?? 0),
  );
  gauge(
    registry,
    {
      name: 'gantry_redis_circuit_open',
      help: '1 while predictions go on without Redis: not reached, or left alone after failures.',
      aggregator: 'max',
    },
    () => (now().redis?.open === true ? 1 : 0),
  );
  gauge(
    registry,
    {
      name: 'gantry_redis_round_trip_seconds',
      help: 'Median time of the latest Redis commands; 0 when unknown.',
      aggregator: 'max',
    },
    () => (now().redis?.roundTripMs ?? 0) / 1000,
  );
}

/** None where everybody may ask. */
function registerAccess(registry: MetricsRegistry, { figures }: Pick<Access, 'figures'>): void {
  const { clients, certificateExpiresAt } = figures();
  if (clients === undefined && certificateExpiresAt === undefined) return;
  if (clients !== undefined) {
    gauge(
      registry,
      { name: 'gantry_auth_clients', help: 'Clients that may ask.', aggregator: 'max' },
      () => figures().clients ?? 0,
    );
  }
  if (certificateExpiresAt !== undefined) {
    const name = 'gantry_tls_certificate_expires_timestamp_seconds';
    gauge(
      registry,
      { name, help: 'When the certificate of the server ends.', aggregator: 'min' },
      () => figures().certificateExpiresAt ?? 0,
    );
  }
  const help = 'Files of clients and certificates that are not in force.';
  gauge(registry, { name: 'gantry_auth_problems', help, aggregator: 'max' }, () => figures().problems);
}

function gauge(registry: MetricsRegistry, text: MetricText, read: () => number): void {
  readGauge(registry, text, [], single(read));
}
