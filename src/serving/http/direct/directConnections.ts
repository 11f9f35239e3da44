/**
 * Stands before a node:http server: every connection begins as a direct one, and is node:http's from the first request that is not
 * a plain prediction. The server goes on listening, and knows of the handed over as if they had just come.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../base/index.js';
import { refuse } from '../malformedRequest.js';
import { AnswerHeads } from './answerHead.js';
import {
  DirectConnection,
  type DirectLimits,
  type DirectListener,
  type DirectOptions,
} from './directConnection.js';
import { RequestHeads } from './requestHead.js';

export interface DirectConnectionsOptions {
  readonly listener: DirectListener;
  readonly clock: Clock;
  /** `secureConnection` for TLS. */
  readonly event: 'connection' | 'secureConnection';
  /** How long clients are told that an idle connection is kept, in milliseconds. */
  readonly keepAliveMs: number;
  readonly limits: DirectLimits;
  /** How often it is looked at how long arriving takes, in milliseconds. */
  readonly lookEveryMs: number;
}

export class DirectConnections {
  readonly #options: DirectConnectionsOptions;
  readonly #connections = new Set<DirectConnection>();
  #timer: Timer | undefined;

  constructor(server: Server, options: DirectConnectionsOptions) {
    this.#options = options;
    const { clock, event, listener } = options;
    // node:http's own listener, the first there is.
    const accept = server.listeners(event)[0] as (this: Server, socket: Socket) => void;
    server.removeListener(event, accept);
    const direct: DirectOptions = {
      listener,
      requestHeads: new RequestHeads(),
      answerHeads: new AnswerHeads({ now: () => clock.now(), keepAliveSeconds: options.keepAliveMs / 1000 }),
      monotonic: () => clock.monotonic(),
      ...options.limits,
      handOver: (connection, unread) => {
        this.#connections.delete(connection);
        connection.release(unread);
        accept.call(server, connection.socket);
        connection.socket.resume();
      },
      onClosed: (connection) => this.#connections.delete(connection),
    };
    server.prependListener(event, (socket: Socket) => {
      this.#connections.add(new DirectConnection(socket, direct));
      this.#watch();
    });
    server.once('close', () => this.#timer?.cancel());
  }

  /** Ends the connections on which all that was asked is answered; the others are closed by their answers. */
  stop(): void {
    for (const { idle, socket } of this.#connections) if (idle && socket.bytesRead > 0) socket.destroySoon();
  }

  /** Cuts what is left. */
  destroy(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  /** Nobody is watched while nobody is connected. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#options.clock.schedule(this.#options.lookEveryMs, () => {
      this.#timer = undefined;
      this.#cutLate();
      if (this.#connections.size > 0) this.#watch();
    });
  }

  #cutLate(): void {
    const now = this.#options.clock.monotonic();
    for (const { lateAt, socket } of this.#connections) {
      if (lateAt >= now) continue;
      if (socket.writable) refuse('ERR_HTTP_REQUEST_TIMEOUT', socket);
      else socket.destroy();
    }
  }
}
