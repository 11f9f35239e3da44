/** The shared tier. Whatever Redis does — down, hung, slow, full, talking nonsense — costs a miss at most. */
import type { Command, Redis } from 'ioredis';
import type { Clock, Logger, Timer } from '../../base/index.js';
import type { CacheEntry, CacheHit, PredictionCache } from './cache.js';
import { CircuitBreaker } from './circuitBreaker.js';
import { decodeEntry, encodeEntry } from './entryFormat.js';

export interface RedisCacheOptions {
  /** `redis://` or `rediss://`, with user and password where there are any. */
  readonly url: string;
  /** Goes before every key, so that a Redis can be shared. */
  readonly prefix: string;
  /** The longest a command may take, in milliseconds. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Commands under way at most; what comes on top is a miss, or is not stored. */
const MAX_PENDING = 512;

/** Larger answers cost the network more than they save. */
const MAX_VALUE_BYTES = 1 << 20;

/** A connection that has not answered for this long is taken for dead and made anew. */
const SILENCE_MS = 2_000;

const PROBE_EVERY_MS = 5_000;

/** Weight of the newest measurement in the average. */
const WEIGHT = 0.2;

export class RedisCache implements PredictionCache {
  readonly #options: RedisCacheOptions;
  readonly #breaker: CircuitBreaker;
  /** Undefined until the library is loaded. */
  #client: Redis | undefined;
  readonly #connected: Promise<void>;
  #pending = 0;
  #roundTripMs: number | undefined;
  #failures = 0;
  #probe: Timer | undefined;
  #closed = false;
  #complained = false;

  /** Returns at once; until the connection stands every key is a miss. */
  constructor(options: RedisCacheOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker(options.clock);
    this.#connected = this.#connect();
  }

  /** What asking takes, smoothed, in milliseconds; undefined while Redis does not answer. */
  get roundTripMs(): number | undefined {
    return this.#breaker.isOpen ? undefined : this.#roundTripMs;
  }

  /** Commands that failed or came too late. */
  get failures(): number {
    return this.#failures;
  }

  get isOpen(): boolean {
    return this.#breaker.isOpen;
  }

  async get(key: string): Promise<CacheHit | undefined> {
    const bytes = await this.#command((client) => client.getBuffer(this.#options.prefix + key));
    const entry = Buffer.isBuffer(bytes) ? decodeEntry(bytes) : undefined;
    return entry === undefined ? undefined : { ...entry, tier: 'redis' };
  }

  set(key: string, entry: CacheEntry): void {
    const lifetimeMs = Math.ceil(entry.expiresAt - this.#options.clock.now());
    if (entry.value.byteLength > MAX_VALUE_BYTES || lifetimeMs <= 0) return;
    const bytes = encodeEntry(entry);
    void this.#command((client) => client.set(this.#options.prefix + key, bytes, 'PX', lifetimeMs));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#probe?.cancel();
    await this.#connected;
    this.#client?.disconnect();
  }

  async #connect(): Promise<void> {
    const { Command: ClientCommand, Redis: Client } = await import('./redisClient.js');
    if (this.#closed) return;
    const client = new Client(this.#options.url, {
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1_000,
      commandTimeout: this.#options.deadlineMs,
      socketTimeout: SILENCE_MS,
      retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), 5_000),
      connectionName: 'gantry',
    });
    client.on('error', (error: Error) => this.#complain(error.message));
    const nobody = new ClientCommand('ping');
    nobody.promise.catch(() => {});
    client.on('connect', () => expectUnaskedReplies(client, nobody));
    client.on('ready', () => {
      this.#complained = false;
      this.#probeNow();
    });
    this.#client = client;
  }

  /** Once for each outage: a Redis that is down for an hour is one line. The URL may hold a password: it is never logged. */
  #complain(reason: string): void {
    if (this.#complained || this.#closed) return;
    this.#complained = true;
    this.#options.logger.warn({ reason }, 'Redis does not answer: predictions go on without it');
  }

  /** Measures the round trip when nobody asks Redis, or a model that became slower would never be sent there. */
  #probeNow(): void {
    this.#probe?.cancel();
    if (this.#closed) return;
    void this.#command((client) => client.ping());
    this.#probe = this.#options.clock.schedule(PROBE_EVERY_MS, () => this.#probeNow());
  }

  async #command<T>(run: (client: Redis) => Promise<T>): Promise<T | undefined> {
    const client = this.#client;
    if (client === undefined || client.status !== 'ready' || this.#pending >= MAX_PENDING) return undefined;
    if (!this.#breaker.allow()) return undefined;
    const startedAt = this.#options.clock.monotonic();
    this.#pending++;
    try {
      const answer = await run(client);
      this.#measured(this.#options.clock.monotonic() - startedAt);
      this.#breaker.success();
      return answer;
    } catch (error) {
      this.#failures++;
      this.#breaker.failure();
      if (this.#breaker.isOpen) this.#complain(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      this.#pending--;
    }
  }

  #measured(ms: number): void {
    this.#roundTripMs = this.#roundTripMs === undefined ? ms : this.#roundTripMs * (1 - WEIGHT) + ms * WEIGHT;
  }
}

/** No single read(2) holds more replies than this. */
const UNASKED_AT_ONCE = 32_768;

/**
 * A reply that nobody asked for means that the other side does not speak Redis. ioredis 6 then fails outside of any
 * promise, with a TypeError when that reply is null, which would end this process. It takes the asker from a queue it
 * makes for each connection: an empty one yields nobody's command here, and the connection is made anew. Only so often,
 * for ioredis also empties the queue until nothing comes.
 */
function expectUnaskedReplies(client: Redis, nobody: Command): void {
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
}
