/** What every listener of the server does alike: taking a port, and waiting for clients to go. */
import type { Server } from 'node:net';
import { type Clock, problem, ProblemError, sleep } from '../base/index.js';

const LINGER_POLL_MS = 20;

export interface ListeningPlace {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** A socket that another process listens on, once it is there: both accept on it, and host and port are not used. */
  readonly shared?: Promise<Server> | undefined;
}

/** Rejects with a ProblemError when the port cannot be had. */
export async function bind(server: Server, { host, port, shared }: ListeningPlace): Promise<void> {
  // A received socket accepts at once: nothing may come between its arrival and listen.
  const place = shared === undefined ? { host, port, backlog: 1024 } : await shared;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const what = error.code === 'EADDRINUSE' ? 'the port is taken by another process' : error.message;
      reject(
        new ProblemError(problem('CannotListen', `${host}:${port}`, what, 'choose another host or port'), {
          cause: error,
        }),
      );
    });
    server.listen(place, resolve);
  });
}

/**
 * A client may be sending on a connection that looks idle, and closing it would lose the request. So connections are
 * left open while their clients are told to close them: resolves when all have, or after `ms`.
 */
export async function lingerWhileConnected(
  connections: () => number | Promise<number>,
  clock: Clock,
  ms: number,
): Promise<void> {
  const endsAt = clock.monotonic() + ms;
  while (clock.monotonic() < endsAt && (await connections()) > 0) await sleep(clock, LINGER_POLL_MS);
}

export function connectionCount(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
