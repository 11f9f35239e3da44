/** ioredis, loaded when a Redis is configured. As a module of its own: a bundle's `import()` of a CommonJS package loses its names. */
import { Cluster, Command, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from './redisUrl.js';

export type RedisClient = Redis | Cluster;

export interface RedisClientOptions {
  readonly target: RedisTarget;
  /** Certificates (PEM) that a `rediss` server's is signed by; the system's own when not given. */
  readonly ca?: string | undefined;
  /** The longest a command may take, in milliseconds. */
  readonly deadlineMs: number;
}

/** A connection that has not answered for this long is taken for dead and made anew. */
const SILENCE_MS = 2_000;
const CONNECT_MS = 1_000;
const SLOTS_REFRESH_MS = 5_000;

/** Redirections that one command may follow: an answer is not worth more. */
const MAX_REDIRECTIONS = 3;

/** Begins to connect, and goes on for as long as it is not disconnected. */
export function createRedisClient({ target, ca, deadlineMs }: RedisClientOptions): RedisClient {
  const tls = target.tls ? { tls: ca === undefined ? {} : { ca } } : {};
  const common = {
    ...loginOf(target.username, target.password),
    ...tls,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: deadlineMs,
    socketTimeout: SILENCE_MS,
    connectionName: 'gantry',
    disableClientInfo: true,
  } satisfies RedisOptions;
  if (target.kind === 'cluster') return createCluster(target, common);
  const client = new Redis({
    ...common,
    ...addressOf(target, tls),
    db: target.database,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    retryStrategy: retryDelay,
    // Of a master that has become a replica: the Sentinels know the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  expectUnaskedReplies(client);
  return client;
}

function createCluster(target: RedisTarget & { readonly kind: 'cluster' }, common: RedisOptions): Cluster {
  const client = new Cluster([...target.nodes], {
    redisOptions: common,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRedirections: MAX_REDIRECTIONS,
    // No waiting: what cannot be had now is a miss.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: CONNECT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    clusterRetryStrategy: retryDelay,
    // By name, or the nodes' certificates would have to be for their addresses.
    ...(target.tls
      ? { dnsLookup: (address: string, done: (error: null, address: string) => void) => done(null, address) }
      : {}),
  });
  client.on('+node', expectUnaskedReplies);
  return client;
}

function addressOf(
  target: Exclude<RedisTarget, { readonly kind: 'cluster' }>,
  tls: Pick<RedisOptions, 'tls'>,
): RedisOptions {
  if (target.kind === 'single') return { ...target.address };
  const { username, password } = target.sentinelLogin;
  return {
    sentinels: [...target.sentinels],
    name: target.service,
    sentinelRetryStrategy: retryDelay,
    sentinelCommandTimeout: CONNECT_MS,
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls.tls }),
  };
}

function loginOf(username: string | undefined, password: string | undefined): RedisOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

const retryDelay = (times: number): number => Math.min(100 * 2 ** Math.min(times, 10), 5_000);

/** No single read(2) holds more replies than this. */
const UNASKED_AT_ONCE = 32_768;

/**
 * A reply that nobody asked for means that the other side does not speak Redis. ioredis 6 then fails outside of any
 * promise, with a TypeError when that reply is null, which would end this process. It takes the asker from a queue it
 * makes for each connection: an empty one yields nobody's command here, and the connection is made anew. Only so often,
 * for ioredis also empties the queue until nothing comes.
 */
function expectUnaskedReplies(client: Redis): void {
  const nobody = new Command('ping');
  nobody.promise.catch(() => {});
  client.on('connect', () => {
    const queue = Reflect.get(client, 'commandQueue') as { shift: () => unknown };
    const shift = queue.shift.bind(queue);
    let left = UNASKED_AT_ONCE;
    queue.shift = () => {
      const asker = shift();
      if (asker !== undefined || left === 0) return asker;
      left--;
      client.stream.destroy();
      return { command: nobody };
    };
  });
}
