import type { Clock, Logger, MetricsRegistry } from '../../base/index.js';
import { apiErrorOf } from '../apiError.js';
import { counter, histogram } from '../metrics.js';
import type { ApiRequest, ApiResponse, Transport } from '../transport.js';
import { linkAbort, orAborted, untilAborted } from './abort.js';
import { readBody } from './body.js';
import { createWarningLog } from './warnings.js';

/** Of an answer held in memory at once; lists are read in pages. */
const MAX_BODY_BYTES = 256 * 2 ** 20;
/** What a stream may outlive its own end before it is taken for dead. */
export const READ_GRACE_MS = 30_000;

/** No answer within the client's deadline; the request may or may not have been carried out. */
export class RequestTimeoutError extends Error {
  constructor(method: string, path: string, ms: number) {
    super(`${method} ${path.split('?')[0] ?? path}: no answer within ${ms} ms`);
    this.name = 'RequestTimeoutError';
  }
}

export interface ExchangeOptions {
  readonly transport: Transport;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry | undefined;
}

export interface Exchange {
  /** The body of a 2xx answer as text; every other answer rejects with its ApiError. */
  call(request: ApiRequest): Promise<string>;
  /** The body of a 2xx answer as it comes, for as long as `lifetimeMs` and a grace. */
  stream(request: ApiRequest, lifetimeMs: number): AsyncIterable<Uint8Array>;
  send(request: ApiRequest): Promise<ApiResponse>;
}

/** Requests with deadlines, measured and counted, over a transport that may never answer. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { transport, clock, requestTimeoutMs } = options;
  const logWarnings = createWarningLog(options.logger);
  const requests = counter(options.metrics, {
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests to the API server, by status code (or <error>) and method.',
    labelNames: ['code', 'method'],
  });
  const durations = histogram(options.metrics, {
    name: 'rest_client_request_duration_seconds',
    help: 'Time until the head of an answer of the API server, in seconds, by verb.',
    labelNames: ['verb'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
  });

  const send = async (request: ApiRequest): Promise<ApiResponse> => {
    const startedAt = clock.monotonic();
    let code = '<error>';
    try {
      const headers = { accept: 'application/json', 'user-agent': options.userAgent, ...request.headers };
      const response = await transport.send({ ...request, headers });
      code = String(response.status);
      logWarnings(response.headers['warning']);
      return response;
    } finally {
      requests?.inc({ code, method: request.method });
      durations?.observe({ verb: request.method }, (clock.monotonic() - startedAt) / 1000);
    }
  };

  const open = (request: ApiRequest) => {
    const link = linkAbort(request.signal);
    const expire = (ms: number) =>
      clock.schedule(ms, () => link.abort(new RequestTimeoutError(request.method, request.path, ms)));
    return { link, expire };
  };

  return {
    send,
    async call(request) {
      const { link, expire } = open(request);
      const timer = expire(requestTimeoutMs);
      try {
        const response = await orAborted(send({ ...request, signal: link.signal }), link.signal);
        const text = await readBody(untilAborted(response.body, link.signal), MAX_BODY_BYTES);
        if (isSuccess(response)) return text;
        throw apiErrorOf(response, text);
      } finally {
        timer.cancel();
        link.release();
      }
    },
    async *stream(request, lifetimeMs) {
      const { link, expire } = open(request);
      let timer = expire(requestTimeoutMs);
      try {
        const response = await orAborted(send({ ...request, signal: link.signal }), link.signal);
        if (!isSuccess(response)) {
          throw apiErrorOf(
            response,
            await readBody(untilAborted(response.body, link.signal), MAX_BODY_BYTES),
          );
        }
        timer.cancel();
        timer = expire(lifetimeMs + READ_GRACE_MS);
        yield* untilAborted(response.body, link.signal);
      } finally {
        timer.cancel();
        link.abort();
        link.release();
      }
    },
  };
}

function isSuccess(response: ApiResponse): boolean {
  return response.status >= 200 && response.status < 300;
}
