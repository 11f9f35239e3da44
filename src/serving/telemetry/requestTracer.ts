/** What the listeners know of tracing; openTelemetry.ts is what stands behind it when tracing is turned on. */
import type { StageObserver } from '../dataplane/index.js';

export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface TracedRequest {
  /** Of few different values: `POST /v2/models/{model}/infer`. */
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** The caller's: `traceparent` and `tracestate` make this request part of the caller's trace. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Milliseconds of the clock's `monotonic()`. */
  readonly startedAt: number;
}

export interface RequestTracer {
  start(request: TracedRequest): RequestTrace;
  /** Sends what has not been sent, within a bound of time. Never rejects. */
  close(): Promise<void>;
}

export interface RequestTrace {
  /** Of the request's own span, as W3C Trace Context writes it: for log lines, answers and calls made on its behalf. */
  readonly traceparent: string;
  /** Undefined when this trace is not among those sampled. */
  readonly stages: StageObserver | undefined;
  /** Which model answers, as soon as that is known. */
  servedBy(model: { readonly name: string; readonly version: string }): void;
  /** `failure` is a short code when the server, not the caller, is to blame; see OpenTelemetry's `error.type`. */
  end(attributes: SpanAttributes, failure?: string): void;
}
