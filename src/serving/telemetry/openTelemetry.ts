/** The only importer of OpenTelemetry: spans of requests and of their stages, sent to a collector in the background. */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type Clock, type Logger, withinTime } from '../../base/index.js';
import type { CacheResult, StageObserver } from '../dataplane/index.js';
import type { RequestTrace, RequestTracer, SpanAttributes, TracedRequest } from './requestTracer.js';
import { ReportingExporter } from './reportingExporter.js';
import type { TraceSampling, TracingConfig } from './tracingConfig.js';

/** How long the last spans may take to leave when the process stops. */
const CLOSE_MS = 2_000;

/** Reads `traceparent` and `tracestate`; whatever is malformed begins a trace of its own. */
const propagator = new W3CTraceContextPropagator();
const headerGetter = {
  get: (headers: TracedRequest['headers'], name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : value?.[0];
  },
  keys: (headers: TracedRequest['headers']) => Object.keys(headers),
};

export class OpenTelemetryTracer implements RequestTracer {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #clock: Clock;

  constructor(config: TracingConfig, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    const { url, headers, timeoutMs, compression, queue } = config;
    const exporter = new OTLPTraceExporter({
      url,
      headers,
      timeoutMillis: timeoutMs,
      compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes(config.resource),
      sampler: samplerOf(config.sampling),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new ReportingExporter(exporter, logger),
          maxQueueSize: queue.maxSpans,
          maxExportBatchSize: Math.min(queue.maxBatch, queue.maxSpans),
          scheduledDelayMillis: queue.delayMs,
          exportTimeoutMillis: timeoutMs,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('gantry');
    this.#clock = clock;
  }

  start(request: TracedRequest): RequestTrace {
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, headerGetter);
    // Spans want the wall clock's time; the stages are measured with the other one.
    const offset = this.#clock.now() - this.#clock.monotonic();
    const span = this.#tracer.startSpan(
      request.name,
      { kind: SpanKind.SERVER, attributes: request.attributes, startTime: request.startedAt + offset },
      parent,
    );
    return new SpanTrace(span, { tracer: this.#tracer, clock: this.#clock, offset });
  }

  async close(): Promise<void> {
    await withinTime(
      this.#provider.shutdown().catch(() => undefined),
      this.#clock,
      CLOSE_MS,
    );
  }
}

function samplerOf({ ratio, parentDecides }: TraceSampling): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return parentDecides ? new ParentBasedSampler({ root }) : root;
}

interface SpanParts {
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** What is added to the clock's `monotonic()` to get milliseconds since the Unix epoch. */
  readonly offset: number;
}

class SpanTrace implements RequestTrace, StageObserver {
  readonly #span: Span;
  readonly #parts: SpanParts;
  readonly #context: Context;
  #model: SpanAttributes = {};

  constructor(span: Span, parts: SpanParts) {
    this.#span = span;
    this.#parts = parts;
    this.#context = trace.setSpan(ROOT_CONTEXT, span);
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  get stages(): StageObserver | undefined {
    return this.#span.isRecording() ? this : undefined;
  }

  servedBy({ name, version }: { readonly name: string; readonly version: string }): void {
    this.#model = { 'gantry.model.name': name, 'gantry.model.version': version };
    this.#span.setAttributes(this.#model);
  }

  cacheAsked(startedAt: number, endedAt: number, result: CacheResult): void {
    this.#stage('cache', startedAt, { 'gantry.cache.result': result }).end(this.#wall(endedAt));
  }

  queued(startedAt: number, endedAt: number): void {
    this.#stage('queue', startedAt, {}).end(this.#wall(endedAt));
  }

  ran(startedAt: number, endedAt: number, run: { readonly rows: number; readonly failed: boolean }): void {
    const span = this.#stage('run', startedAt, { 'gantry.batch.rows': run.rows });
    if (run.failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.#wall(endedAt));
  }

  end(attributes: SpanAttributes, failure?: string): void {
    this.#span.setAttributes(attributes);
    if (failure !== undefined) {
      this.#span.setAttribute('error.type', failure);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end(this.#wall(this.#parts.clock.monotonic()));
  }

  #stage(name: string, startedAt: number, attributes: SpanAttributes): Span {
    const options = { startTime: this.#wall(startedAt), attributes: { ...this.#model, ...attributes } };
    return this.#parts.tracer.startSpan(name, options, this.#context);
  }

  #wall(monotonic: number): number {
    return monotonic + this.#parts.offset;
  }
}
