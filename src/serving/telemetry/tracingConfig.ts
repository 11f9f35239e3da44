/** OpenTelemetry's settings, named after the variables of its specification; the command line reads those. */
export interface TracingConfig {
  /** The whole URL that spans are posted to. */
  readonly url: string;
  /** For the collector, credentials among them: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: 'gzip' | 'none';
  readonly sampling: TraceSampling;
  readonly queue: SpanQueue;
  /** What this process is: `service.name`, `service.version` and whatever OTEL_RESOURCE_ATTRIBUTES adds. */
  readonly resource: Readonly<Record<string, string>>;
}

export interface TraceSampling {
  /** Share of traces that are kept, from 0 to 1. */
  readonly ratio: number;
  /** Whether the caller decides for traces that it began. */
  readonly parentDecides: boolean;
}

/** Spans that wait to be sent. */
export interface SpanQueue {
  /** What comes when so many wait is dropped. */
  readonly maxSpans: number;
  readonly maxBatch: number;
  readonly delayMs: number;
}
