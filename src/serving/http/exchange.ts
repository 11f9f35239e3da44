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

class NodeReply implements Reply {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get over(): boolean {
    return this.#response.destroyed || this.#response.headersSent;
  }

  /**
   * A body given as a string is joined to the head and leaves in one write(2); bytes leave by a writev that costs as much
   * as a small model. Latin-1 maps every byte to itself, so any bytes may pass as such a string.
   */
  send(status: number, headers: readonly string[], body: AnswerBody): void {
    const response = this.#response;
    response.writeHead(status, headers as string[]);
    if (typeof body === 'string') {
      response.end(body);
      return;
    }
    const [first] = body;
    if (body.length === 1 && first !== undefined && first.byteLength <= ONE_WRITE) {
      response.end(asLatin1(first), 'latin1');
      return;
    }
    response.cork();
    for (const part of body) response.write(part);
    response.uncork();
    response.end();
  }
}

/** Any bytes as a string of as many characters. */
export function asLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
