/**
 * Stands in front of Koa and lets nobody pass who may not ask: a POST whose path is exactly that of a prediction goes to the endpoint without
 * passing through Koa, everything else through Koa's router.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../base/index.js';
import { type Admission, certificateNamesOf, type Credentials, EVERYBODY, type Gate } from '../auth/index.js';
import type { PredictionEndpoint, PredictionTarget } from './predictionEndpoint.js';
import { type BodyLimits, BodyReader, GONE } from './body.js';
import type { DirectListener } from './direct/directConnection.js';
import { type Exchange, nodeExchange, type NodeExchange } from './exchange.js';
import type { PlainRoute } from './plainRoutes.js';
import { errorAnswer, send } from './reply.js';
import { requestContext } from './requestContext.js';

export type ExchangeListener = (exchange: NodeExchange) => void;

export interface DispatcherOptions {
  readonly endpoint: PredictionEndpoint;
  /** By path, unescaped and without a query. */
  readonly hotRoutes: ReadonlyMap<string, PredictionTarget>;
  /** GET by path. */
  readonly plainRoutes: ReadonlyMap<string, PlainRoute>;
  /** Koa's. */
  readonly otherwise: ExchangeListener;
  /** Undefined where everybody may ask. */
  readonly gate: Gate | undefined;
  readonly clock: Clock;
  readonly closing: () => boolean;
  readonly limits: BodyLimits;
  /** Called for requests that were turned away. */
  readonly onAnswered: (exchange: Exchange, status: number, startedAt: number) => void;
}

export interface Dispatcher {
  /** For what node:http has read. */
  readonly listener: RequestListener;
  /** For what came on a direct connection: only what is asked most, of a client that may. */
  readonly direct: DirectListener;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const listener: RequestListener = (request, response) => {
    const admission = options.gate?.admit(credentialsOf(request)) ?? EVERYBODY;
    const go = (admitted: Admission) =>
      dispatch(nodeExchange(request, response, options.closing, admitted.client), admitted, options);
    if (admission instanceof Promise) void admission.then(go);
    else go(admission);
  };
  return { listener, direct: directListener(options) };
}

function dispatch(exchange: NodeExchange, { refusal }: Admission, options: DispatcherOptions): void {
  if (refusal !== undefined) {
    const answer = errorAnswer(refusal);
    send(exchange, answer);
    options.onAnswered(exchange, answer.status, options.clock.monotonic());
    return;
  }
  const target = exchange.method === 'POST' ? options.hotRoutes.get(exchange.url) : undefined;
  if (target !== undefined) options.endpoint.handle(exchange, target);
  else options.otherwise(exchange);
}

function directListener(options: DispatcherOptions): DirectListener {
  const { endpoint, hotRoutes, plainRoutes, gate, closing, limits } = options;
  return ({ method, url, headers, contentLength }, reply, socket) => {
    const target = method === 'POST' ? hotRoutes.get(url) : undefined;
    const route = target ?? (method === 'GET' ? plainRoutes.get(url) : undefined);
    if (route === undefined || contentLength > limits.maxBytes) return undefined;
    const admission =
      gate === undefined ? EVERYBODY : gate.admitNow(credentialsOf({ headers, socket }), route.model);
    if (admission === undefined || admission.refusal !== undefined) return undefined;
    const { client } = admission;
    const secure = 'encrypted' in socket;
    const exchange = {
      method,
      url,
      headers,
      secure,
      reply,
      context: requestContext(headers),
      client,
      closing,
    };
    if ('answer' in route) return tellWhenRead(exchange, route, options);
    const reader = endpoint.begin(exchange, route);
    reader.declare(contentLength);
    return reader;
  };
}

function tellWhenRead(exchange: Exchange, route: PlainRoute, options: DispatcherOptions): BodyReader {
  return new BodyReader(options.limits, (body) => {
    if (body === GONE) return;
    const startedAt = options.clock.monotonic();
    const answer = route.answer();
    send(exchange, answer);
    options.onAnswered(exchange, answer.status, startedAt);
  });
}

interface Asking {
  readonly headers: IncomingMessage['headers'];
  readonly socket: Socket;
}

function credentialsOf({ headers, socket }: Asking): Credentials {
  return { authorization: headers.authorization, certificateNames: certificateNamesOf(socket) };
}
