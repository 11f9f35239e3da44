/**
 * Stands in front of Koa and lets nobody pass who may not ask: a POST whose path is exactly that of a prediction goes to the endpoint without
 * passing through Koa, everything else through Koa's router.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../base/index.js';
import { type Admission, certificateNamesOf, EVERYBODY, type Gate, refusalFor } from '../auth/index.js';
import type { PredictionEndpoint, PredictionTarget } from './predictionEndpoint.js';
import type { DirectListener } from './direct/directConnection.js';
import { type Exchange, nodeExchange, type NodeExchange } from './exchange.js';
import { errorAnswer, send } from './reply.js';
import { requestContext } from './requestContext.js';

export type ExchangeListener = (exchange: NodeExchange) => void;

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
  /** Longer bodies are refused. */
  readonly maxBodyBytes: number;
  /** Called for requests that were turned away. */
  readonly onAnswered: (exchange: Exchange, status: number, startedAt: number) => void;
}

export interface Dispatcher {
  /** For what node:http has read. */
  readonly listener: RequestListener;
  /** For what came on a direct connection: only a prediction whose client may ask for it. */
  readonly direct: DirectListener;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const listener: RequestListener = (request, response) => {
    const { client, refusal } = admissionOf(request, options.gate);
    const exchange = nodeExchange(request, response, options.closing, client);
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
  return { listener, direct: directListener(options) };
}

function directListener({
  endpoint,
  hotRoutes,
  gate,
  closing,
  maxBodyBytes,
}: DispatcherOptions): DirectListener {
  return ({ url, headers, contentLength }, reply, socket) => {
    const target = hotRoutes.get(url);
    if (target === undefined || contentLength > maxBodyBytes) return undefined;
    const { client, refusal } = admissionOf({ headers, socket }, gate);
    if (refusal !== undefined || refusalFor(client, target.model) !== undefined) return undefined;
    const secure = 'encrypted' in socket;
    const context = requestContext(headers);
    const exchange = { method: 'POST', url, headers, secure, reply, context, client, closing };
    const reader = endpoint.begin(exchange, target);
    reader.declare(contentLength);
    return reader;
  };
}

interface Asking {
  readonly headers: IncomingMessage['headers'];
  readonly socket: Socket;
}

function admissionOf({ headers, socket }: Asking, gate: Gate | undefined): Admission {
  if (gate === undefined) return EVERYBODY;
  return gate.admit({ authorization: headers.authorization, certificateNames: certificateNamesOf(socket) });
}
