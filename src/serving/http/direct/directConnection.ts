/**
 * A connection on which plain predictions are read and answered without node:http, whose request and response objects cost more
 * than everything else about a small prediction together. One request at a time; the first that is anything else takes the
 * connection to node:http, which keeps it.
 */
import type { Socket } from 'node:net';
import type { BodyReader } from '../body.js';
import { type AnswerBody, type Reply, textOf } from '../exchange.js';
import type { AnswerHeads } from './answerHead.js';
import type { RequestHead, RequestHeads } from './requestHead.js';

/** Begins to answer a request; undefined when it is none of those answered here. */
export type DirectListener = (head: RequestHead, reply: Reply, socket: Socket) => BodyReader | undefined;

/** In milliseconds. */
export interface DirectLimits {
  /** How long the first bytes, and a whole request, may take to arrive. */
  readonly firstMs: number;
  readonly requestMs: number;
  /** A connection on which nothing moves for this long is cut. */
  readonly idleMs: number;
}

export interface DirectOptions extends DirectLimits {
  readonly listener: DirectListener;
  readonly requestHeads: RequestHeads;
  readonly answerHeads: AnswerHeads;
  readonly monotonic: () => number;
  /** Takes the connection over, beginning with `unread`. */
  readonly handOver: (connection: DirectConnection, unread: Buffer) => void;
  readonly onClosed: (connection: DirectConnection) => void;
}

export class DirectConnection {
  readonly socket: Socket;
  readonly #options: DirectOptions;
  /** Of the request at hand. */
  #reader: BodyReader | undefined;
  /** Bytes of the body at hand that have not come. */
  #left = 0;
  #reply: DirectReply | undefined;
  /** Whether the socket is paused, with something in it that came too early. */
  #holding = false;
  #taking = false;
  #ended = false;
  /** When the client will have taken too long to say what it began, in milliseconds of the monotonic clock. */
  lateAt: number;

  constructor(socket: Socket, options: DirectOptions) {
    this.socket = socket;
    this.#options = options;
    this.lateAt = options.monotonic() + options.firstMs;
    socket.setTimeout(options.idleMs);
    socket.on('timeout', this.#onTimeout);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#advance);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Whether all that was asked is answered. */
  get idle(): boolean {
    return this.#left === 0 && this.#reply === undefined;
  }

  /** Lets go of the socket as if it had just come, with `unread` still to be read. */
  release(unread: Buffer): void {
    const { socket } = this;
    socket.pause();
    socket.off('timeout', this.#onTimeout);
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#advance);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    socket.unshift(unread);
  }

  /** Called by the reply. */
  answered(status: number, headers: readonly string[], body: AnswerBody): void {
    this.#reply = undefined;
    const closes = headers.includes('Connection');
    this.#write(this.#options.answerHeads.text(status, headers, !closes), body);
    if (closes) this.socket.destroySoon();
    else this.#advance();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#take(chunk);
  };

  /** Reads on, where what came next had to wait. */
  readonly #advance = (): void => {
    if (this.#holding && !this.#taking && !this.#blocked) {
      this.#holding = false;
      this.socket.resume();
    } else this.#endWithClient();
  };

  /** Whether the next request has to wait, for the answer before it or for a client that does not read. */
  get #blocked(): boolean {
    return this.#reply !== undefined || this.socket.writableNeedDrain;
  }

  #take(bytes: Buffer): void {
    let rest: Buffer | undefined = bytes;
    this.#taking = true;
    while (rest !== undefined && rest.length > 0) {
      if (this.#left > 0) rest = this.#takeBody(rest);
      else if (!this.#blocked) rest = this.#takeHead(rest);
      else {
        this.#hold(rest);
        break;
      }
    }
    this.#taking = false;
  }

  /** The stream keeps what has to wait, and with it its end. */
  #hold(bytes: Buffer): void {
    this.#holding = true;
    this.socket.pause();
    this.socket.unshift(bytes);
  }

  /** Who has said everything gets every answer, and then nothing more. */
  #endWithClient(): void {
    if (this.#ended && this.idle) this.socket.destroySoon();
  }

  /** What follows the head; undefined when the connection went to node:http, or is at its end. */
  #takeHead(bytes: Buffer): Buffer | undefined {
    if (!this.socket.writable) return undefined;
    const head = this.#options.requestHeads.read(bytes);
    const reader = head && this.#options.listener(head, (this.#reply = new DirectReply(this)), this.socket);
    if (head === undefined || reader === undefined) {
      this.#reply = undefined;
      this.#options.handOver(this, bytes);
      return undefined;
    }
    this.#reader = reader;
    this.#left = head.contentLength;
    const whole = bytes.length >= head.length + head.contentLength;
    this.lateAt = whole ? Infinity : this.#options.monotonic() + this.#options.requestMs;
    if (head.contentLength === 0) this.#endBody();
    return bytes.subarray(head.length);
  }

  /** What follows the body, or its part that has come. */
  #takeBody(bytes: Buffer): Buffer {
    const taken = Math.min(this.#left, bytes.length);
    this.#left -= taken;
    this.#reader?.push(taken === bytes.length ? bytes : bytes.subarray(0, taken));
    if (this.#left === 0) this.#endBody();
    return bytes.subarray(taken);
  }

  /** A connection that waits keeps nothing of the request it had. */
  #endBody(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    this.lateAt = Infinity;
    reader?.end();
  }

  #write(head: string, body: AnswerBody): void {
    const { socket } = this;
    const whole = textOf(body);
    if (whole !== undefined) {
      socket.write(head + whole.text, whole.encoding);
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    for (const part of body) socket.write(part);
    socket.uncork();
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#left > 0) this.socket.destroy();
    else this.#endWithClient();
  };

  readonly #onTimeout = (): void => {
    this.socket.destroy();
  };

  readonly #onError = (): void => {
    // `close` follows.
  };

  readonly #onClose = (): void => {
    this.#reader?.gone();
    this.#reader = undefined;
    this.#options.onClosed(this);
  };
}

class DirectReply implements Reply {
  readonly #connection: DirectConnection;
  #sent = false;

  constructor(connection: DirectConnection) {
    this.#connection = connection;
  }

  get over(): boolean {
    return this.#sent || !this.#connection.socket.writable;
  }

  send(status: number, headers: readonly string[], body: AnswerBody): void {
    this.#sent = true;
    this.#connection.answered(status, headers, body);
  }
}
