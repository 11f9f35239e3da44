import type { Clock } from '../../base/index.js';

/** Failures in a row after which nothing is asked for a while. */
const TOLERATED_FAILURES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Keeps a failing service from costing anything: after a few failures in a row it stays shut for a pause that doubles,
 * then lets one call through to see. Source: M. Nygard, "Release It!", Circuit Breaker.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  #failures = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #shutUntil = -Infinity;
  #probing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#failures >= TOLERATED_FAILURES;
  }

  /** Whether a call may be made; who is told so reports `success` or `failure` afterwards. */
  allow(): boolean {
    if (!this.isOpen) return true;
    if (this.#probing || this.#clock.monotonic() < this.#shutUntil) return false;
    this.#probing = true;
    return true;
  }

  success(): void {
    this.#failures = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#probing = false;
  }

  failure(): void {
    this.#failures++;
    this.#probing = false;
    if (!this.isOpen) return;
    this.#shutUntil = this.#clock.monotonic() + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
