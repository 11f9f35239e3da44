/** The count of a client's requests, in the process that keeps it for the pod. */
import type { Clock } from '../../base/index.js';
import { type Allowance, type Lease, LEASE_MS, type LeaseRequest, type RateLimit } from './rateLimit.js';

interface Lent {
  readonly count: number;
  /** When it is void, unless it was replaced or given back before. */
  readonly until: number;
}

export class TokenBucket implements Allowance {
  readonly limit: RateLimit;
  readonly isDecided = true;
  readonly #clock: Clock;
  /** With what is lent, never more than the burst. */
  #level: number;
  #filledAt: number;
  /** By borrower: what it may still have of what it was lent for later. */
  readonly #lent = new Map<number, Lent>();

  constructor(limit: RateLimit, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
    this.#level = limit.burst;
    this.#filledAt = clock.monotonic();
  }

  take(): number {
    this.#fill();
    if (this.#level < 1) return this.#secondsToOne();
    this.#level--;
    return 0;
  }

  /** Lends another process what it wants, or what there is. */
  lend({ borrower, held, wanted, waiting }: Omit<LeaseRequest, 'client'>): Lease {
    // Until now the borrower may have had all of it: the room it leaves begins with this question.
    this.#fill();
    const kept = Math.min(held, this.#lent.get(borrower)?.count ?? 0);
    if (wanted === 0) this.#level += kept;
    const granted = Math.max(0, Math.min(wanted, Math.floor(this.#level)));
    this.#level -= granted;
    this.#lent.delete(borrower);
    if (wanted > 0) this.#note(borrower, kept + Math.max(0, granted - waiting));
    return { granted, kept, seconds: granted < wanted ? this.#secondsToOne() : 0 };
  }

  #note(borrower: number, count: number): void {
    this.#lent.set(borrower, { count, until: this.#clock.monotonic() + LEASE_MS });
  }

  #fill(): void {
    const { ratePerSecond, burst } = this.limit;
    const now = this.#clock.monotonic();
    let room = burst;
    // What a process that died was lent is void, and makes room again.
    for (const [borrower, { count, until }] of this.#lent)
      if (until <= now) this.#lent.delete(borrower);
      else room -= count;
    const filled = this.#level + ((now - this.#filledAt) / 1000) * ratePerSecond;
    this.#level = Math.max(Math.min(this.#level, burst), Math.min(room, filled));
    this.#filledAt = now;
  }

  #secondsToOne(): number {
    return (1 - this.#level) / this.limit.ratePerSecond;
  }
}
