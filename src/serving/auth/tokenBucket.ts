/** A client's rate limit: `burst` requests at once, and `ratePerSecond` in the long run. */
import type { Clock } from '../../base/index.js';

export interface RateLimit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly limit: RateLimit;
  readonly #clock: Clock;
  #level: number;
  #filledAt: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
    this.#level = limit.burst;
    this.#filledAt = clock.monotonic();
  }

  /** Takes one request's worth; 0 when there was one, else the seconds until there is. */
  take(): number {
    const { ratePerSecond, burst } = this.limit;
    const now = this.#clock.monotonic();
    this.#level = Math.min(burst, this.#level + ((now - this.#filledAt) / 1000) * ratePerSecond);
    this.#filledAt = now;
    if (this.#level < 1) return (1 - this.#level) / ratePerSecond;
    this.#level--;
    return 0;
  }
}
