/** What it costs not to have a prediction in the cache. */
import { RecentMedian } from '../cache/index.js';

export class MissCost {
  readonly #rowMs: number;
  readonly #observed: RecentMedian | undefined;

  /**
   * @param rowMs what warm-up measured; infinite when it could not
   * @param observe whether requests cost what they wait for: of a model on threads, a place in the line and the way there
   *   and back are part of it. A model on the event loop costs its run; waiting for others there is no saving.
   */
  constructor(rowMs: number, observe: boolean) {
    this.#rowMs = rowMs;
    this.#observed = observe ? new RecentMedian() : undefined;
  }

  get observes(): boolean {
    return this.#observed !== undefined;
  }

  get ms(): number {
    return Math.max(this.#rowMs, this.#observed?.value ?? 0);
  }

  took(ms: number): void {
    this.#observed?.add(ms);
  }
}
