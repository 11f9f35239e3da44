/**
 * Connections on which nothing has come yet (a proxy's, a browser's, opened ahead of need). Node does not count them as
 * idle, so that closing a server would wait for them; nothing was accepted on them, and nothing is lost with them.
 */
import type { Server, Socket } from 'node:net';

export class SilentConnections {
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Ends those that are silent now. Over TLS the handshake counts as something said. */
  cut(): void {
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }
}
