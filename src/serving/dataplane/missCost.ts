/** What it costs not to have a prediction in the cache. */
import { RecentMedian } from '../cache/index.js';

export class MissCost {
  /** What a run takes, as warm-up measured it; infinite when it could not. */
  readonly runMs: number;
  readonly #observed: RecentMedian | undefined;

  /**
   * @param observe whether requests cost what they wait for: of a model on threads, a place in the line and the way there
   *   and back are part of it. A model on the event loop costs its run; waiting for others there is no saving.
   */
  constructor(runMs: number, observe: boolean) {
    this.runMs = runMs;
    this.#observed = observe ? new RecentMedian() : undefined;
  }

  get observes(): boolean {
    return this.#observed !== undefined;
  }

  /** What a request waits for, in milliseconds. */
  get ms(): number {
    return Math.max(this.runMs, this.#observed?.value ?? 0);
  }

  took(ms: number): void {
    this.#observed?.add(ms);
  }
}
