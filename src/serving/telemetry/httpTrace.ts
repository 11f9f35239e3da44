/** A prediction over HTTP as a span, by OpenTelemetry's semantic conventions for HTTP servers. */
import type { PredictionCodec } from '../http/predictionCodec.js';
import type { Exchange } from '../http/exchange.js';
import type { RequestTracer } from './requestTracer.js';

const ROUTES: Readonly<Record<PredictionCodec['name'], string>> = {
  v2: '/v2/models/{model}/infer',
  v1: '/v1/models/{model}:predict',
  typed: '/predict',
};

export interface TracedPrediction {
  readonly codec: PredictionCodec['name'];
  /** Milliseconds of the clock's `monotonic()`. */
  readonly startedAt: number;
}

/** The exchange as part of a trace: the caller's, or one that begins here. */
export function traceExchange(
  tracer: RequestTracer,
  exchange: Exchange,
  { codec, startedAt }: TracedPrediction,
): Exchange {
  const { method, headers, context } = exchange;
  const route = ROUTES[codec];
  const trace = tracer.start({
    name: `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.path': exchange.url.split('?', 1)[0] ?? '',
      'url.scheme': exchange.secure ? 'https' : 'http',
      'gantry.request.id': context.id,
    },
    headers,
    startedAt,
  });
  return { ...exchange, trace, context: { id: context.id, traceparent: trace.traceparent } };
}

/** `status` is undefined when the client went away before it was answered. */
export function endExchange({ trace }: Exchange, status: number | undefined): void {
  if (trace === undefined) return;
  if (status === undefined) trace.end({ 'gantry.client': 'gone' });
  else trace.end({ 'http.response.status_code': status }, status >= 500 ? String(status) : undefined);
}
