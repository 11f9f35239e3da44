/** Frees what a purge has made unreachable in Redis, which would else stay for its lifetime. */
import type { Redis } from 'ioredis';
import type { VersionKeys } from './keyspace.js';
import type { RedisClient } from './redisClient.js';
import type { RedisConnection } from './redisConnection.js';

/** Keys that Redis looks at in one step: it serves others between the steps. */
const STEP = 500;

/**
 * Removes the entries of every generation but the present one, from every master. Undefined when Redis stopped answering
 * on the way, or knows too many keys: what is left goes when its lifetime ends.
 *
 * @returns entries removed
 */
export async function sweep(
  redis: RedisConnection,
  prefix: string,
  keys: VersionKeys,
): Promise<number | undefined> {
  const nodes = await redis.command(async (client) => mastersOf(client));
  let removed = 0;
  for (const node of nodes ?? []) {
    const ofNode = await sweepNode(redis, node, {
      pattern: `${prefix}${keys.anyPrefix}*`,
      present: prefix + keys.prefix,
    });
    if (ofNode === undefined) return undefined;
    removed += ofNode;
  }
  return nodes === undefined ? undefined : removed;
}

/** Steps at most, of one node: ten million keys. */
const MOST_STEPS = 20_000;

async function sweepNode(
  redis: RedisConnection,
  node: Redis,
  { pattern, present }: { readonly pattern: string; readonly present: string },
): Promise<number | undefined> {
  let cursor = '0';
  let removed = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    const from = cursor;
    const found: unknown = await redis.command(() => node.scan(from, 'MATCH', pattern, 'COUNT', STEP));
    if (!isPage(found)) return undefined;
    const stale = found[1].filter((key) => !key.startsWith(present));
    // One by one: in a Cluster keys of one node may be of several slots.
    const counts = await redis.command(() => Promise.all(stale.map((key) => node.unlink(key))));
    if (counts === undefined) return undefined;
    removed += counts.reduce((sum, count) => sum + count, 0);
    cursor = found[0];
    if (cursor === '0') return removed;
  }
  return undefined;
}

function mastersOf(client: RedisClient): readonly Redis[] {
  return 'nodes' in client ? client.nodes('master') : [client];
}

function isPage(found: unknown): found is [string, string[]] {
  return Array.isArray(found) && typeof found[0] === 'string' && Array.isArray(found[1]);
}
