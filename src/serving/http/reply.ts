/** Writes answers. The content type is exactly `application/json`: clients of KServe compare it with ==. */
import { errorBody, httpStatus } from '../protocol/status.js';
import type { InferenceError } from '../protocol/inference.js';
import { answerEncoding, pack } from './compression.js';
import type { AnswerBody, Exchange } from './exchange.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: AnswerBody;
  /** Name, value, name, value …, as `writeHead` takes them. */
  readonly headers: readonly string[];
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
  const { reply, headers } = exchange;
  if (reply.over) return;
  const length = lengthOf(answer.body);
  const encoding = answerEncoding(headers['accept-encoding'], length);
  if (encoding === undefined) {
    reply.send(answer.status, headersOf(exchange, answer, length), answer.body);
    return;
  }
  void pack(bytesOf(answer.body), encoding).then((packed) => {
    if (reply.over) return;
    const told = headersOf(exchange, answer, packed.length);
    told.push('Content-Encoding', encoding, 'Vary', 'Accept-Encoding');
    reply.send(answer.status, told, [packed]);
  });
}

function headersOf({ context, closing }: Exchange, answer: Answer, length: number): string[] {
  const headers = [
    'Content-Type',
    answer.contentType,
    'Content-Length',
    String(length),
    'X-Request-Id',
    context.id,
  ];
  if (context.traceparent !== undefined) headers.push('Traceparent', context.traceparent);
  if (closing()) headers.push('Connection', 'close');
  for (const told of answer.headers) headers.push(told);
  return headers;
}

/** In bytes. */
export function lengthOf(body: AnswerBody): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  let length = 0;
  for (const part of body) length += part.byteLength;
  return length;
}

function bytesOf(body: AnswerBody): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.concat(body);
}
