/** What every listener of the server does alike: taking a port, and waiting for clients to go. */
import type { Server } from 'node:net';
import { type Clock, problem, ProblemError, sleep } from '../base/index.js';

const LINGER_POLL_MS = 20;

/** Listens on `port` (0: chosen by the system). Rejects with a ProblemError when it cannot be had. */
export function bind(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const what = error.code === 'EADDRINUSE' ? 'the port is taken by another process' : error.message;
      reject(
        new ProblemError(problem('CannotListen', `${host}:${port}`, what, 'choose another host or port'), {
          cause: error,
        }),
      );
    });
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
}

/**
 * A client may be sending on a connection that looks idle, and closing it would lose the request. So connections are
 * left open while their clients are told to close them: resolves when all have, or after `ms`.
 */
export async function lingerWhileConnected(server: Server, clock: Clock, ms: number): Promise<void> {
  const endsAt = clock.monotonic() + ms;
  while (clock.monotonic() < endsAt && (await connectionCount(server)) > 0)
    await sleep(clock, LINGER_POLL_MS);
}

function connectionCount(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
