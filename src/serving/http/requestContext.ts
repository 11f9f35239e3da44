/** Who asks: the request's id and its place in a trace, taken over from the caller or made here. */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestContext {
  readonly id: string;
  /** The caller's W3C traceparent, when it sent a valid one. */
  readonly traceparent: string | undefined;
}

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** Source: W3C Trace Context, "traceparent Header Field Values"; ids of zeros are invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** One a process: ids are this and a count, unique across pods and far cheaper than a random one each. */
const prefix = randomBytes(8).toString('hex');
let count = 0;

export function requestContext(headers: IncomingHttpHeaders): RequestContext {
  const given = headers['x-request-id'];
  const traceparent = headers['traceparent'];
  return {
    id: typeof given === 'string' && REQUEST_ID.test(given) ? given : `${prefix}-${(count++).toString(36)}`,
    traceparent: typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined,
  };
}

/** The trace's id where the trace is kept, for exemplars: one that leads nowhere helps nobody. */
export function sampledTraceIdOf(context: RequestContext): string | undefined {
  const { traceparent } = context;
  if (traceparent === undefined) return undefined;
  return (Number.parseInt(traceparent.slice(-2), 16) & 1) === 1 ? traceIdOf(context) : undefined;
}

/** The trace's id, for logs. */
export function traceIdOf(context: RequestContext): string | undefined {
  return context.traceparent?.slice(3, 35);
}
