/** The way to Redis, whatever its topology. Whatever Redis does — down, hung, slow, full, talking nonsense — it costs a miss at most. */
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import { CircuitBreaker } from './circuitBreaker.js';
import { RecentMedian } from './recentMedian.js';
import type { RedisClient, RedisClientOptions } from './redisClient.js';

export interface RedisConnectionOptions extends RedisClientOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Commands under way at most; what comes on top is not sent. */
const MAX_PENDING = 512;

/** The URL's database is not there. ioredis goes on with database 0, which may be somebody else's. */
const NO_SUCH_DATABASE = /DB index is out of range|invalid DB index/i;

export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #breaker: CircuitBreaker;
  /** Undefined until the library is loaded. */
  #client: RedisClient | undefined;
  readonly #opened: Promise<void>;
  readonly #onReady: (() => void)[] = [];
  readonly #roundTrips = new RecentMedian();
  #pending = 0;
  #failures = 0;
  #closed = false;
  #complained = false;
  #inWrongDatabase = false;

  /** Returns at once; until the connection stands every command is undefined. */
  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker(options.clock);
    this.#opened = this.#open();
  }

  /** What a command takes, the median of the latest, in milliseconds; undefined while Redis does not answer. */
  get roundTripMs(): number | undefined {
    return this.isOpen ? undefined : this.#roundTrips.value;
  }

  /** Commands that failed or came too late. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether predictions go on without Redis: it is left alone after failures, or was never reached. */
  get isOpen(): boolean {
    return this.#breaker.isOpen || !this.isReady;
  }

  get isReady(): boolean {
    return this.#client?.status === 'ready' && !this.#inWrongDatabase;
  }

  /** Called each time a connection stands. */
  onReady(listener: () => void): void {
    this.#onReady.push(listener);
  }

  /** Never rejects: undefined when there is no answer. */
  async command<T>(run: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    const client = this.#client;
    if (client === undefined || !this.isReady || this.#pending >= MAX_PENDING) return undefined;
    if (!this.#breaker.allow()) return undefined;
    const startedAt = this.#options.clock.monotonic();
    this.#pending++;
    try {
      const answer = await run(client);
      this.#roundTrips.add(this.#options.clock.monotonic() - startedAt);
      this.#breaker.success();
      return answer;
    } catch (error) {
      this.#failures++;
      this.#breaker.failure();
      if (this.#breaker.isOpen) this.#complain(messageOf(error));
      return undefined;
    } finally {
      this.#pending--;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opened;
    this.#client?.disconnect();
  }

  async #open(): Promise<void> {
    const { createRedisClient } = await import('./redisClient.js');
    if (this.#closed) return;
    const client = createRedisClient(this.#options);
    client.on('connect', () => (this.#inWrongDatabase = false));
    client.on('error', (error: Error) => {
      this.#inWrongDatabase ||= NO_SUCH_DATABASE.test(error.message);
      this.#complain(error.message);
    });
    client.on('ready', () => {
      if (this.#inWrongDatabase) return;
      this.#complained = false;
      for (const listener of this.#onReady) listener();
    });
    this.#client = client;
  }

  /** Once for each outage: a Redis that is down for an hour is one line. */
  #complain(reason: string): void {
    if (this.#complained || this.#closed) return;
    this.#complained = true;
    this.#options.logger.warn({ reason }, 'Redis does not answer: predictions go on without it');
  }
}
