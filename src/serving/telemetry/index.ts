import type { Clock, Logger } from '../../base/index.js';
import type { RequestTracer } from './requestTracer.js';
import type { TracingConfig } from './tracingConfig.js';

export { AccessLog, type AccessLogConfig, LOG_EVERY_REQUEST } from './accessLog.js';
export { AnsweredRequests } from './answeredRequests.js';
export { endExchange, traceExchange } from './httpTrace.js';
export type { CacheFigures } from './metrics/serverMetrics.js';
export type { RequestTrace, RequestTracer, SpanAttributes, TracedRequest } from './requestTracer.js';
export type { TraceSampling, TracingConfig } from './tracingConfig.js';

/** Loads OpenTelemetry, which nothing but tracing pays for. */
export async function startTracing(
  config: TracingConfig,
  parts: { readonly clock: Clock; readonly logger: Logger },
): Promise<RequestTracer> {
  const { OpenTelemetryTracer } = await import('./openTelemetry.js');
  return new OpenTelemetryTracer(config, parts);
}
