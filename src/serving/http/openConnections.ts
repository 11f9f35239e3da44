/** The connections of a server, wherever they were accepted. */
import type { Server, Socket } from 'node:net';
import type { Clock } from '../../base/index.js';

/** The first bytes of a client that asks at once are there by then, however the connection came to this process. */
const FIRST_BYTES_MS = 250;

export class OpenConnections {
  /** With the time of their coming, in milliseconds of the monotonic clock. */
  readonly #sockets = new Map<Socket, number>();
  readonly #clock: Clock;
  #whenNone: (() => void)[] = [];
  #count = 0;

  constructor(server: Server, clock: Clock) {
    this.#clock = clock;
    server.on('connection', (socket: Socket) => {
      this.#count++;
      this.#sockets.set(socket, clock.monotonic());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) for (const resolve of this.#whenNone.splice(0)) resolve();
      });
    });
  }

  get size(): number {
    return this.#sockets.size;
  }

  /**
   * Resolves once the event loop has come round without a new one, or after `ms`: what waits to be accepted when a server closes is
   * reset, and its client may have asked already.
   */
  async noNewOnes(ms: number): Promise<void> {
    const endsAt = this.#clock.monotonic() + ms;
    for (let seen = -1; seen !== this.#count && this.#clock.monotonic() < endsAt;) {
      seen = this.#count;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves as soon as there are none. */
  none(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenNone.push(resolve));
  }

  /**
   * Ends those on which nothing has come yet (a proxy's, a browser's, opened ahead of need). Node does not count them as idle, so that
   * closing a server would wait for them; nothing was accepted on them, and nothing is lost with them. Those that came just now get
   * the time to say something. Over TLS the handshake counts as that.
   */
  cutSilent(): void {
    const now = this.#clock.monotonic();
    for (const [socket, since] of this.#sockets) {
      const cut = () => {
        if (socket.bytesRead === 0) socket.destroy();
      };
      const youngForMs = since + FIRST_BYTES_MS - now;
      if (youngForMs <= 0) cut();
      else this.#clock.schedule(youngForMs, cut);
    }
  }
}
