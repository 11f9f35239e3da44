/** A listener that is loaded when the first request comes for it: who only predicts never waits for Koa. */
import { type Logger, messageOf } from '../../base/index.js';
import type { ExchangeListener } from './dispatcher.js';
import { jsonAnswer, send } from './reply.js';

export function onDemand(load: () => Promise<ExchangeListener>, logger: Logger): ExchangeListener {
  let loading: Promise<ExchangeListener> | undefined;
  let loaded: ExchangeListener | undefined;
  return (exchange) => {
    if (loaded !== undefined) {
      loaded(exchange);
      return;
    }
    loading ??= load();
    loading.then(
      (listener) => (loaded = listener)(exchange),
      (error: unknown) => {
        logger.error({ reason: messageOf(error) }, 'the routes could not be loaded');
        send(exchange, jsonAnswer(500, { error: 'the server failed to answer this request' }));
      },
    );
  };
}
