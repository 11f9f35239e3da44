/** What a Redis can be beside one server: real processes, on ports that the system chose. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAuthority } from '../serving/auth/certificates.js';
import { eventually } from './eventually.js';
import { end, freePort, startProcess, startRedis, type TestRedis } from './redis.js';

export interface TestTopology {
  /** As `gantry serve --redis` takes it. */
  readonly url: string;
  /** Its authority (PEM); where it speaks TLS. */
  readonly ca?: string;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const NODES = 3;

/** Three masters that share the slots. */
export async function startCluster(): Promise<TestTopology & { readonly nodes: readonly TestRedis[] }> {
  const nodes = await Promise.all(Array.from({ length: NODES }, startClusterNode));
  const [first] = nodes;
  if (first === undefined) throw new Error('no nodes');
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / NODES)) as [
      number,
      number,
    ];
    await node.redis.command('CLUSTER', 'ADDSLOTSRANGE', from, to - 1);
    await node.redis.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (index > 0) await node.redis.command('CLUSTER', 'MEET', '127.0.0.1', first.redis.port, first.busPort);
  }
  await eventually('every node knows the whole cluster', async () => {
    const states = await Promise.all(nodes.map(({ redis }) => redis.command('CLUSTER', 'INFO')));
    return states.every((state) => /cluster_state:ok[^]*cluster_known_nodes:3/.test(String(state)));
  });
  return {
    url: `redis+cluster://${nodes.map(({ redis }) => `127.0.0.1:${redis.port}`).join(',')}`,
    nodes: nodes.map(({ redis }) => redis),
    stop: async () => void (await Promise.all(nodes.map(({ redis }) => redis.stop()))),
  };
}

async function startClusterNode(): Promise<{ readonly redis: TestRedis; readonly busPort: number }> {
  // Not port + 10000, which may be none.
  const busPort = await freePort();
  const redis = await startRedis([
    ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'],
    ...['--cluster-port', String(busPort), '--cluster-node-timeout', '1000'],
  ]);
  return { redis, busPort };
}

/** A master, its replica, and a Sentinel that puts the replica in its place when the master is gone. */
export async function startSentinel(): Promise<TestTopology & { readonly master: TestRedis }> {
  const master = await startRedis();
  const replica = await startRedis([
    ...['--replicaof', `127.0.0.1 ${master.port}`, '--repl-diskless-sync-delay', '0'],
  ]);
  await eventually('the replica follows', async () =>
    /master_link_status:up/.test(String(await replica.command('INFO', 'replication'))),
  );
  const folder = await mkdtemp(join(tmpdir(), 'gantry-sentinel-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor models 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds models 500',
    'sentinel failover-timeout models 3000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const sentinel = await startProcess(port, [file, '--sentinel']);
  return {
    url: `redis+sentinel://127.0.0.1:${port}/models`,
    master,
    async stop() {
      await end(sentinel);
      await Promise.all([master.stop(), replica.stop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** One server that speaks TLS, with a certificate of an authority that nobody else knows. */
export async function startTls(): Promise<TestTopology & { readonly ca: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-redis-tls-'));
  const authority = await testAuthority();
  const { cert, key } = await authority.issue('redis');
  const [certFile, keyFile, caFile] = ['cert.pem', 'key.pem', 'ca.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key), writeFile(caFile, authority.cert)]);
  const port = await freePort();
  const redis = await startRedis([
    ...['--tls-port', String(port), '--tls-auth-clients', 'no'],
    ...['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile],
  ]);
  return {
    url: `rediss://127.0.0.1:${port}`,
    ca: authority.cert,
    async stop() {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What docs/cache.md says a user needs, and nothing more. */
export const LEAST_RIGHTS =
  '~gantry:* resetchannels -@all +get +set +del +unlink +scan +hmget +hget +hset +hsetnx +hincrby +hkeys +ping +info +select +client|setname';

export const PASSWORD = 'p@ss/w:rd#%';

/** One server whose only user may do no more than it must. */
export async function startWithUser(): Promise<TestTopology & { readonly redis: TestRedis }> {
  const redis = await startRedis();
  await redis.command('ACL', 'SETUSER', 'gantry', 'on', `>${PASSWORD}`, ...LEAST_RIGHTS.split(' '));
  return {
    url: `redis://gantry:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}/3`,
    redis,
    stop: () => redis.stop(),
  };
}
