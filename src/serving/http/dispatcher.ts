/**
 * Stands in front of Koa on the same node:http server and lets nobody pass who may not ask: a POST whose path is exactly
 * that of a prediction goes to the endpoint without passing through Koa, everything else through Koa's router.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../../base/index.js';
import { type Admission, certificateNamesOf, type Client, EVERYBODY, type Gate } from '../auth/index.js';
import type { PredictionEndpoint, PredictionTarget } from './predictionEndpoint.js';
import { errorAnswer, type Exchange, send } from './reply.js';
import { requestContext } from './requestContext.js';

export type ExchangeListener = (exchange: Exchange) => void;

export interface DispatcherOptions {
  readonly endpoint: PredictionEndpoint;
  /** By path, unescaped and without a query. */
  readonly hotRoutes: ReadonlyMap<string, PredictionTarget>;
  /** Koa's. */
  readonly otherwise: ExchangeListener;
  /** Undefined where everybody may ask. */
  readonly gate: Gate | undefined;
  readonly clock: Clock;
  readonly closing: () => boolean;
  /** Called for requests that were turned away. */
  readonly onAnswered: (exchange: Exchange, status: number, startedAt: number) => void;
}

export function createDispatcher(options: DispatcherOptions): RequestListener {
  return (request, response) => {
    const { client, refusal } = admissionOf(request, options.gate);
    const exchange = exchangeOf(request, response, options.closing, client);
    if (refusal !== undefined) {
      const answer = errorAnswer(refusal);
      send(exchange, answer);
      options.onAnswered(exchange, answer.status, options.clock.monotonic());
      return;
    }
    const target = request.method === 'POST' ? options.hotRoutes.get(request.url ?? '') : undefined;
    if (target !== undefined) options.endpoint.handle(exchange, target);
    else options.otherwise(exchange);
  };
}

function admissionOf({ headers, socket }: IncomingMessage, gate: Gate | undefined): Admission {
  if (gate === undefined) return EVERYBODY;
  return gate.admit({ authorization: headers.authorization, certificateNames: certificateNamesOf(socket) });
}

export function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  closing: () => boolean,
  client?: Client,
): Exchange {
  return { request, response, context: requestContext(request.headers), client, closing };
}
