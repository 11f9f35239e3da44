/**
 * Answers that clients do not read stay in this process' memory. Together they may hold so many bytes; beyond that, the
 * connections that hold the most are cut. Looked at from time to time, so that a request pays nothing for it.
 */
import type { Server, Socket } from 'node:net';
import type { Clock, Timer } from '../../base/index.js';

const LOOK_EVERY_MS = 500;

export interface SlowReadersOptions {
  /** Bytes that all unread answers may hold together. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** `secureConnection` for TLS. */
  readonly event: 'connection' | 'secureConnection';
}

export class SlowReaders {
  readonly #options: SlowReadersOptions;
  readonly #sockets = new Set<Socket>();
  #timer: Timer | undefined;

  constructor(server: Server, options: SlowReadersOptions) {
    this.#options = options;
    server.on(options.event, (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#watch();
    });
    server.once('close', () => this.#timer?.cancel());
  }

  /** Nobody is watched while nobody is connected. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#options.clock.schedule(LOOK_EVERY_MS, () => {
      this.#timer = undefined;
      this.#cut();
      if (this.#sockets.size > 0) this.#watch();
    });
  }

  #cut(): void {
    let held = 0;
    for (const socket of this.#sockets) held += socket.writableLength;
    if (held <= this.#options.maxBytes) return;
    const worstFirst = [...this.#sockets].sort((a, b) => b.writableLength - a.writableLength);
    for (const socket of worstFirst) {
      if (held <= this.#options.maxBytes) return;
      held -= socket.writableLength;
      socket.destroy();
    }
  }
}
