/** W3C Trace Context: what the service was called with goes on to whom it calls. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';

interface TraceContext {
  readonly traceId: string;
  readonly flags: string;
  readonly tracestate: string | undefined;
}

const current = new AsyncLocalStorage<TraceContext>();

const TRACEPARENT = /^[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** Keeps the caller's trace for as long as the request is handled, or begins one. */
export const continueTrace: RequestHandler = (request, _response, next) => {
  const found = TRACEPARENT.exec(request.get('traceparent') ?? '');
  const context = {
    traceId: found?.[1] ?? randomBytes(16).toString('hex'),
    flags: found?.[2] ?? '00',
    tracestate: found === null ? undefined : request.get('tracestate'),
  };
  current.run(context, next);
};

/** Headers of a call made on behalf of the request at hand: the same trace, a span of its own. */
export function traceHeaders(): Record<string, string> {
  const context = current.getStore();
  if (context === undefined) return {};
  const traceparent = `00-${context.traceId}-${randomBytes(8).toString('hex')}-${context.flags}`;
  return context.tracestate === undefined ? { traceparent } : { traceparent, tracestate: context.tracestate };
}
