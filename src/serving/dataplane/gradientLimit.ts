/**
 * How many requests of a slow model may be in the server at a time, found from latency.
 *
 * Source: Netflix' concurrency-limits, GradientLimit: the gradient is what a request takes without load over what it
 * takes now; the limit is multiplied with it and given the square root of itself as room to grow. Its baseline there is
 * a guess from history, which drifts up under steady overload; here it is known: the model's own run, timed apart from
 * the wait. Where batching carries the load, latency stays near two runs (one to wait for, one to be in) and the limit
 * grows; where more requests only mean a longer wait, it shrinks to what is worth waiting for.
 */

/** A request may take this many runs before that counts as load: it waits for the run before its own. */
const TOLERANCE = 2.5;

/** One observation at most halves the limit. */
const STEEPEST = 0.5;

const SMOOTHING = 0.2;

/** For each lane, before anything is known: what is measured at warm-up is often too long, never too short. */
const AT_FIRST = 20;

/** Latency is compared with the quickest of about this many runs: a model may get slower or quicker for good. */
const WINDOW = 100;

export interface GradientLimitOptions {
  /** Runs that go on at the same time. */
  readonly lanes: number;
  /** Never more than this. */
  readonly max: number;
  /**
   * This long in the line is worth it whatever the gradient says, in milliseconds: to refuse costs the client more.
   * Two requests for each lane are let in always, so that no lane waits for work.
   */
  readonly patienceMs: number;
  /** The run measured at warm-up, in milliseconds. */
  readonly runMs: number;
}

export interface LatencySample {
  /** From the door to the answer, in milliseconds. */
  readonly latencyMs: number;
  /** The run that answered it, when it was alone in there: a batch's run is no measure of a request without load. */
  readonly aloneMs: number | undefined;
  /** Requests in the server when the answer came, this one included. */
  readonly inFlight: number;
}

export class GradientLimit {
  readonly #options: GradientLimitOptions;
  #limit: number;
  #quickestBefore: number;
  #quickest = Infinity;
  #samples = 0;

  constructor(options: GradientLimitOptions) {
    this.#options = options;
    this.#quickestBefore = Math.max(options.runMs, Number.MIN_VALUE);
    this.#limit = Math.min(Math.max(this.#floor(), AT_FIRST * options.lanes), options.max);
  }

  /** Whole requests, waiting and running together; at least 1. */
  get current(): number {
    return Math.floor(this.#limit);
  }

  observe({ latencyMs, aloneMs, inFlight }: LatencySample): void {
    if (aloneMs !== undefined) this.#remember(aloneMs);
    const gradient = clamp(
      (TOLERANCE * this.#baseline()) / Math.max(latencyMs, Number.MIN_VALUE),
      STEEPEST,
      1,
    );
    // Who does not use what it has says nothing about having more.
    if (gradient === 1 && inFlight < this.#limit / 2) return;
    const next = this.#limit * gradient + Math.sqrt(this.#limit);
    const smoothed = this.#limit * (1 - SMOOTHING) + next * SMOOTHING;
    this.#limit = clamp(smoothed, this.#floor(), this.#options.max);
  }

  #remember(runMs: number): void {
    this.#quickest = Math.min(this.#quickest, runMs);
    if (++this.#samples < WINDOW) return;
    this.#quickestBefore = Math.max(this.#quickest, Number.MIN_VALUE);
    this.#quickest = Infinity;
    this.#samples = 0;
  }

  #baseline(): number {
    return Math.min(this.#quickestBefore, this.#quickest);
  }

  #floor(): number {
    const { lanes, max, patienceMs } = this.#options;
    const runsWorthWaiting = Math.max(2, Math.floor(patienceMs / this.#baseline()));
    return Math.max(1, Math.min(lanes * runsWorthWaiting, max));
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
