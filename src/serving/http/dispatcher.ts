/**
 * Stands in front of Koa on the same node:http server: a POST whose path is exactly that of a prediction goes to the
 * endpoint without passing through Koa, everything else through Koa's router.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { PredictionEndpoint, PredictionTarget } from './predictionEndpoint.js';
import type { Exchange } from './reply.js';
import { requestContext } from './requestContext.js';

export interface DispatcherOptions {
  readonly endpoint: PredictionEndpoint;
  /** By path, unescaped and without a query. */
  readonly hotRoutes: ReadonlyMap<string, PredictionTarget>;
  /** Koa's, loaded while the models are. */
  readonly otherwise: Promise<RequestListener>;
  readonly closing: () => boolean;
}

export function createDispatcher(options: DispatcherOptions): RequestListener {
  let otherwise: RequestListener | undefined;
  void options.otherwise.then((listener) => (otherwise = listener));
  return (request: IncomingMessage, response: ServerResponse) => {
    const target = request.method === 'POST' ? options.hotRoutes.get(request.url ?? '') : undefined;
    if (target !== undefined) {
      options.endpoint.handle(exchangeOf(request, response, options.closing), target);
    } else if (otherwise !== undefined) void otherwise(request, response);
    else void options.otherwise.then((listener) => listener(request, response));
  };
}

export function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  closing: () => boolean,
): Exchange {
  return { request, response, context: requestContext(request.headers), closing };
}
