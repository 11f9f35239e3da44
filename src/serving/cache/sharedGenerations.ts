/**
 * The generations that the pods agree on, in one hash in Redis (`PREFIXgenerations`, a field for each version). A
 * generation is a time in milliseconds or a number after it, so that one made from nothing is later than any before.
 *
 * Nobody reads an entry before it has read its generation on this connection. What goes wrong costs entries that are
 * good, and never brings back one that was purged: a field that is gone (evicted, flushed) begins anew, and one that
 * went back (a failover lost the purge) is put right by whoever knows the later generation.
 */
import type { Clock, Timer } from '../../base/index.js';
import { type Keyspace, type VersionKeys, versionIn } from './keyspace.js';
import type { RedisConnection } from './redisConnection.js';

export interface SharedGenerationsOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  /** Called when somebody else has purged the version. */
  readonly onPurged: (keys: VersionKeys) => void;
}

/** How often each process reads them, and so how long a purge takes to reach other pods. */
export const GENERATIONS_EVERY_MS = 1_000;

export class SharedGenerations {
  readonly #options: SharedGenerationsOptions;
  readonly #key: string;
  /** Read since the connection stands. */
  readonly #known = new Set<VersionKeys>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: SharedGenerationsOptions) {
    this.#options = options;
    this.#key = `${options.prefix}generations`;
    options.redis.onReady(() => {
      this.#known.clear();
      void this.read();
    });
    this.#next();
  }

  /** Whether entries of this version may be asked for in Redis. */
  knows(keys: VersionKeys): boolean {
    return this.#known.has(keys);
  }

  /** Reads all of them now. Without versions, it asks Redis all the same, to know how long that takes. */
  async read(): Promise<void> {
    const all = this.#options.keyspace.all();
    if (all.length === 0) {
      await this.#options.redis.command((client) => client.ping());
      return;
    }
    const fields = all.map(({ id }) => id);
    const values: unknown = await this.#options.redis.command((client) => client.hmget(this.#key, ...fields));
    if (!Array.isArray(values) || values.length !== all.length) return;
    await Promise.all(all.map((keys, index) => this.#agree(keys, generationOf(values[index]))));
  }

  /** Begins a generation for everybody; undefined when Redis does not answer. */
  async begin(keys: VersionKeys): Promise<number | undefined> {
    const { redis, clock } = this.#options;
    const first = Math.max(clock.now(), keys.generation);
    await redis.command((client) => client.hsetnx(this.#key, keys.id, first));
    const begun = generationOf(await redis.command((client) => client.hincrby(this.#key, keys.id, 1)));
    if (begun === undefined || begun > keys.generation) return begun;
    return this.#write(keys, Math.max(clock.now(), keys.generation + 1));
  }

  /** Versions of a model that any pod ever served; undefined when Redis does not answer. */
  async versionsOf(model: string): Promise<readonly string[] | undefined> {
    const ids: unknown = await this.#options.redis.command((client) => client.hkeys(this.#key));
    if (!Array.isArray(ids)) return undefined;
    return ids.flatMap((id) => (typeof id === 'string' ? (versionIn(id, model) ?? []) : []));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #agree(keys: VersionKeys, theirs: number | undefined): Promise<void> {
    const { clock, redis, onPurged } = this.#options;
    let shared = theirs;
    if (shared === undefined) {
      const fresh = Math.max(clock.now(), keys.generation + 1);
      await redis.command((client) => client.hsetnx(this.#key, keys.id, fresh));
      shared = generationOf(await redis.command((client) => client.hget(this.#key, keys.id)));
    }
    if (shared === undefined) return;
    if (shared < keys.generation && (await this.#write(keys, keys.generation)) === undefined) return;
    if (keys.advanceTo(shared)) onPurged(keys);
    this.#known.add(keys);
  }

  async #write(keys: VersionKeys, generation: number): Promise<number | undefined> {
    const { redis } = this.#options;
    const written = await redis.command((client) => client.hset(this.#key, keys.id, generation));
    return written === undefined ? undefined : generation;
  }

  #next(): void {
    this.#timer = this.#options.clock.schedule(GENERATIONS_EVERY_MS, () => {
      void this.read().then(() => {
        if (!this.#closed) this.#next();
      });
    });
  }
}

/** Undefined for anything but a number that can be counted on from: somebody else wrote there, or nobody did. */
function generationOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
