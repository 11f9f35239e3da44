/** Writes answers. The content type is exactly `application/json`: clients of KServe compare it with ==. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '../auth/index.js';
import { errorBody, httpStatus } from '../protocol/status.js';
import type { InferenceError } from '../protocol/inference.js';
import { answerEncoding, pack } from './compression.js';
import type { RequestTrace } from '../telemetry/requestTracer.js';
import type { RequestContext } from './requestContext.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | readonly Uint8Array[];
  /** Name, value, name, value …, as `writeHead` takes them. */
  readonly headers: readonly string[];
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: RequestContext;
  /** Who asks; undefined where everybody may. */
  readonly client: Client | undefined;
  /** Only of predictions, and only where tracing is turned on. */
  readonly trace?: RequestTrace;
  /** Whether the connection is to be closed after the answer: the server is draining. */
  readonly closing: () => boolean;
}

export function jsonAnswer(status: number, value: unknown, headers: readonly string[] = []): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value), headers };
}

export function errorAnswer(error: InferenceError): Answer {
  return jsonAnswer(httpStatus(error.code), errorBody(error), errorHeaders(error));
}

function errorHeaders({ code, retryAfterSeconds: retry }: InferenceError): readonly string[] {
  if (retry !== undefined) return ['Retry-After', String(Math.ceil(retry))];
  // RFC 9110, 11.6.1: a 401 says how to do better.
  return code === 'Unauthenticated' ? ['WWW-Authenticate', 'Bearer realm="gantry"'] : [];
}

/** Sends `answer`; compressed when the client accepts it and it is worth it. Does nothing when the client has gone. */
export function send(exchange: Exchange, answer: Answer): void {
  const { request, response } = exchange;
  if (response.destroyed || response.headersSent) return;
  const length = lengthOf(answer.body);
  const encoding = answerEncoding(acceptEncoding(request), length);
  if (encoding === undefined) {
    writeHead(exchange, answer, length);
    writeBody(response, answer.body);
    return;
  }
  void pack(bytesOf(answer.body), encoding).then((packed) => {
    if (response.destroyed) return;
    writeHead(
      exchange,
      { ...answer, headers: [...answer.headers, 'Content-Encoding', encoding, 'Vary', 'Accept-Encoding'] },
      packed.length,
    );
    response.end(packed);
  });
}

function acceptEncoding(request: IncomingMessage): string | undefined {
  const header = request.headers['accept-encoding'];
  return typeof header === 'string' ? header : undefined;
}

function writeHead(exchange: Exchange, answer: Answer, length: number): void {
  const { context } = exchange;
  const headers = [
    'Content-Type',
    answer.contentType,
    'Content-Length',
    String(length),
    'X-Request-Id',
    context.id,
  ];
  if (context.traceparent !== undefined) headers.push('Traceparent', context.traceparent);
  if (exchange.closing()) headers.push('Connection', 'close');
  exchange.response.writeHead(
    answer.status,
    answer.headers.length === 0 ? headers : headers.concat(answer.headers),
  );
}

/** Bodies up to this size travel in one write with their head. */
const ONE_WRITE = 16_384;

/**
 * A body given as a string is joined to the head and leaves in one write(2); bytes leave by a writev that costs as much
 * as a small model. Latin-1 maps every byte to itself, so any bytes may pass as such a string.
 */
function writeBody(response: ServerResponse, body: Answer['body']): void {
  if (typeof body === 'string') {
    response.end(body);
    return;
  }
  const [first] = body;
  if (body.length === 1 && first !== undefined && first.byteLength <= ONE_WRITE) {
    response.end(asBuffer(first).toString('latin1'), 'latin1');
    return;
  }
  response.cork();
  for (const part of body) response.write(part);
  response.uncork();
  response.end();
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** In bytes. */
export function lengthOf(body: Answer['body']): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  let length = 0;
  for (const part of body) length += part.byteLength;
  return length;
}

function bytesOf(body: Answer['body']): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.concat(body);
}
