/**
 * One process accepts, and gives the connections to all in turn. Where all accept on one socket, whoever wakes first takes every
 * connection that waits, and a client that opens sixteen has them all in one process half of the time.
 */
import type { Server, Socket } from 'node:net';

/** Gives a connection to another process, which reads on the same socket; calls back when it was not taken there. */
export type GiveConnection = (socket: Socket, notTaken: () => void) => void;

/** False when it cannot be served any more. */
export type TakeConnection = (socket: Socket) => boolean;

/** `elsewhere` gives whose turn it is; undefined for this process. */
export function spreadConnections(server: Server, elsewhere: () => GiveConnection | undefined): void {
  const listeners = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  // An option of net.Server that node:http does not pass on: nothing is read here of what is read elsewhere.
  Object.assign(server, { pauseOnConnect: true });
  server.on('connection', (socket: Socket) => {
    const serveHere = () => {
      for (const listener of listeners) listener.call(server, socket);
      socket.resume();
    };
    const give = elsewhere();
    if (give === undefined) {
      serveHere();
      return;
    }
    // Node would ask the other process for it when this server closes, and wait for ever once all of them are gone.
    Object.assign(socket, { server: undefined });
    give(socket, () => {
      Object.assign(socket, { server });
      serveHere();
    });
  });
}

/** A server that is given its connections, and listens nowhere. */
export function serveGiven(server: Server): TakeConnection {
  let closed = false;
  // What node:http does when it begins to listen: it watches the time its connections take.
  server.emit('listening');
  server.once('close', () => (closed = true));
  return (socket) => {
    if (closed) return false;
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    server.emit('connection', socket);
    return true;
  };
}
