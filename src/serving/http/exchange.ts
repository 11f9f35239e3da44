/** A request and the way back to whoever asked, whatever read it: node:http, or a direct connection. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '../auth/index.js';
import type { RequestTrace } from '../telemetry/requestTracer.js';
import { type RequestContext, requestContext } from './requestContext.js';

export interface Exchange {
  readonly method: string;
  /** The request's target as it came, query included. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  readonly reply: Reply;
  readonly context: RequestContext;
  /** Who asks; undefined where everybody may. */
  readonly client: Client | undefined;
  /** Only of predictions, and only where tracing is turned on. */
  readonly trace?: RequestTrace;
  /** Whether the connection is to be closed after the answer: the server is draining. */
  readonly closing: () => boolean;
}

/** The bytes of an answer: text that is sent as UTF-8, or parts that follow each other. */
export type AnswerBody = string | readonly Uint8Array[];

export interface Reply {
  /** Whether an answer would reach nobody: there was one, or the client has gone. */
  readonly over: boolean;
  /**
   * Sends the one answer. `headers` are names and values in turn, with Content-Length among them; they are this server's own, never
   * anything a client said that was not checked.
   */
  send(status: number, headers: readonly string[], body: AnswerBody): void;
}

/** An exchange that node:http reads and writes. */
export interface NodeExchange extends Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export function nodeExchange(
  request: IncomingMessage,
  response: ServerResponse,
  closing: () => boolean,
  client?: Client,
): NodeExchange {
  return {
    request,
    response,
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    secure: 'encrypted' in request.socket,
    reply: new NodeReply(response),
    context: requestContext(request.headers),
    client,
    closing,
  };
}

/** Bodies up to this size travel in one write with their head. */
const ONE_WRITE = 16_384;

interface BodyText {
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1';
}

/**
 * A body as text where that leaves in one write(2) with its head: bytes leave by a writev that costs as much as a small
 * model. Latin-1 maps every byte to itself, so any bytes may pass as such a string. Undefined for large and composed ones.
 */
export function textOf(body: AnswerBody): BodyText | undefined {
  if (typeof body === 'string') return { text: body, encoding: 'utf8' };
  const [first] = body;
  if (body.length !== 1 || first === undefined || first.byteLength > ONE_WRITE) return undefined;
  const bytes = Buffer.isBuffer(first)
    ? first
    : Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  return { text: bytes.toString('latin1'), encoding: 'latin1' };
}

class NodeReply implements Reply {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get over(): boolean {
    return this.#response.destroyed || this.#response.headersSent;
  }

  send(status: number, headers: readonly string[], body: AnswerBody): void {
    const response = this.#response;
    response.writeHead(status, headers as string[]);
    const whole = textOf(body);
    if (whole !== undefined) {
      response.end(whole.text, whole.encoding);
      return;
    }
    response.cork();
    for (const part of body) response.write(part);
    response.uncork();
    response.end();
  }
}
