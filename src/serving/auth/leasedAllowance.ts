/**
 * A client's limit in a process that does not keep the count: it lets through what it has been lent. Each loan is for what
 * waits and a little ahead, so that a busy client costs a question for many requests, and never more than one at a time.
 */
import type { Clock, Timer } from '../../base/index.js';
import { type Allowance, type Borrowing, LEASE_MS, type RateLimit } from './rateLimit.js';

export interface LeasedAllowanceOptions extends Borrowing {
  readonly client: string;
  readonly limit: RateLimit;
  readonly clock: Clock;
}

/** Requests are lent ahead for this part of a second. */
const AHEAD_SECONDS = 0.05;
/** Requests that wait for the lender; more are refused. */
const MAX_WAITING = 1024;
/** When there are too many, or the lender does not answer: nothing is let through that was not lent. */
const RETRY_SECONDS = 1;
const NOTHING = { granted: 0, seconds: RETRY_SECONDS };

export class LeasedAllowance implements Allowance {
  readonly limit: RateLimit;
  readonly #options: LeasedAllowanceOptions;
  /** What is lent ahead; 0 where the burst is too small to be shared out. */
  readonly #ahead: number;
  readonly #waiting: ((seconds: number) => void)[] = [];
  #left = 0;
  /** When what is left is void. */
  #voidAt = 0;
  /** When the lender may have more. */
  #moreAt = 0;
  #asking = false;
  #goingBack: Timer | undefined;

  constructor(options: LeasedAllowanceOptions) {
    this.#options = options;
    this.limit = options.limit;
    const { ratePerSecond, burst } = options.limit;
    // All processes together hold half the burst at most: the other half is for whoever needs it.
    const share = Math.floor(burst / 2 / options.processes);
    this.#ahead = Math.min(Math.ceil(ratePerSecond * AHEAD_SECONDS), share);
  }

  get isDecided(): boolean {
    const now = this.#options.clock.monotonic();
    return this.#usable(now) > 0 || now < this.#moreAt || this.#waiting.length >= MAX_WAITING;
  }

  take(): number | Promise<number> {
    const now = this.#options.clock.monotonic();
    if (this.#usable(now) > 0 && this.#waiting.length === 0) {
      this.#left--;
      if (this.#left * 2 < this.#ahead && now >= this.#moreAt) this.#ask();
      return 0;
    }
    if (now < this.#moreAt) return (this.#moreAt - now) / 1000;
    if (this.#waiting.length >= MAX_WAITING) return RETRY_SECONDS;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#ask();
    });
  }

  #usable(now: number): number {
    if (now >= this.#voidAt) this.#left = 0;
    return this.#left;
  }

  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    const { client, lender, borrower, clock } = this.#options;
    const askedAt = clock.monotonic();
    const held = this.#usable(askedAt);
    const waiting = this.#waiting.length;
    const wanted = waiting + this.#ahead;
    void lender({ client, borrower, held, wanted, waiting }).then((lease) => {
      this.#asking = false;
      if (lease !== undefined) {
        this.#left = Math.min(this.#left, lease.kept) + lease.granted;
        this.#voidAt = askedAt + LEASE_MS;
      }
      const { granted, seconds } = lease ?? NOTHING;
      this.#settle(granted < wanted ? seconds : undefined);
      this.#watch();
    });
  }

  /** `seconds` until the lender has more; undefined when it gave all that was wanted. */
  #settle(seconds: number | undefined): void {
    const now = this.#options.clock.monotonic();
    while (this.#waiting.length > 0 && this.#usable(now) > 0) {
      this.#left--;
      this.#waiting.shift()?.(0);
    }
    if (seconds !== undefined) {
      this.#moreAt = now + seconds * 1000;
      for (const resolve of this.#waiting.splice(0)) resolve(seconds);
    } else if (this.#waiting.length > 0) this.#ask();
  }

  /** Gives back what is not used, before it is void. */
  #watch(): void {
    if (this.#goingBack !== undefined || this.#left === 0) return;
    const { client, lender, borrower, clock } = this.#options;
    const delayMs = Math.max(0, this.#voidAt - clock.monotonic()) * 0.8;
    const seen = this.#voidAt;
    this.#goingBack = clock.schedule(delayMs, () => {
      this.#goingBack = undefined;
      if (this.#voidAt !== seen || this.#asking) {
        this.#watch();
        return;
      }
      const held = this.#usable(clock.monotonic());
      this.#left = 0;
      if (held > 0) void lender({ client, borrower, held, wanted: 0, waiting: 0 });
    });
  }
}
