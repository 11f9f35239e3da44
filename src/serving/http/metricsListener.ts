/** What stands on the metrics port: Prometheus' page and health, apart from the port that clients reach. */
import type { RequestListener } from 'node:http';
import type { MetricsRegistry } from '../../base/index.js';
import { nodeExchange } from './exchange.js';
import { liveAnswer, readyAnswer } from './modelRoutes.js';
import { type Answer, jsonAnswer, send } from './reply.js';

export interface MetricsListenerOptions {
  /** Of the whole pod. */
  readonly registry: () => Promise<MetricsRegistry>;
  readonly notReady: () => readonly string[];
  readonly closing: () => boolean;
}

export function createMetricsListener(options: MetricsListenerOptions): RequestListener {
  return (request, response) => {
    const exchange = nodeExchange(request, response, options.closing);
    answer((request.url ?? '').split('?', 1)[0] ?? '', request.method ?? '', options).then(
      (found) => send(exchange, found),
      () => send(exchange, jsonAnswer(500, { error: 'the metrics could not be collected' })),
    );
  };
}

async function answer(path: string, method: string, options: MetricsListenerOptions): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD')
    return jsonAnswer(405, { error: `${method} is not a method here` }, ['Allow', 'GET, HEAD']);
  if (path === '/v2/health/live') return liveAnswer();
  if (path === '/v2/health/ready') return readyAnswer(options.notReady());
  if (path !== '/metrics')
    return jsonAnswer(404, { error: `there is nothing at ${path}; metrics are at /metrics` });
  const registry = await options.registry();
  return { status: 200, contentType: registry.contentType, body: await registry.metrics(), headers: [] };
}
