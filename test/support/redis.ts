/** A redis-server of the test's own: from the PATH, on a port the system chose, with its files in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';
import { formatProblem } from '../../src/base/index.js';
import { parseRedisUrl, type RedisTarget } from '../../src/serving/cache/index.js';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Stops answering without closing anything (SIGSTOP), and goes on (SIGCONT). */
  hang(): void;
  resume(): void;
  /** Kills it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port after `kill`. */
  restart(): Promise<void>;
  /** Sends it a command over a connection of its own. */
  command(name: string, ...args: readonly (string | number)[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** What `url` says; throws when that is nothing. */
export function redisTarget(url: string): RedisTarget {
  const target = parseRedisUrl(url, 'url');
  if (!target.ok) throw new Error(formatProblem(target.error));
  return target.value;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // One that wants a password says so, and works.
    return /^(\+PONG|-NOAUTH)/.test(answer.toString());
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Resolves when the redis-server that `args` start answers on `port`. */
export async function startProcess(port: number, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(
      `redis-server is needed on the PATH (Debian: apt-get install redis-server): ${String(error)}`,
    );
  });
  failed.catch(() => {});
  const deadline = Date.now() + 10_000;
  while (!(await Promise.race([answers(port), failed]))) {
    if (Date.now() > deadline) throw new Error('redis-server did not answer within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

const plainFlags = (port: number, folder: string) => [
  ...['--port', String(port)],
  ...['--bind', '127.0.0.1'],
  ...['--save', ''],
  ...['--appendonly', 'no'],
  ...['--dir', folder],
];

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function commandTo(port: number, name: string, args: readonly (string | number)[]): Promise<unknown> {
  const client = new Redis(port, '127.0.0.1');
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

/** `flags` are redis-server's own, such as `--maxmemory`, `1mb`. */
export async function startRedis(flags: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-redis-'));
  const port = await freePort();
  const args = [...plainFlags(port, folder), ...flags];
  let child = await startProcess(port, args);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => end(child),
    async restart() {
      child = await startProcess(port, args);
    },
    command: (name, ...args) => commandTo(port, name, args),
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
