/** Enough that one slow turn of the event loop is no trend, few enough that a trend is seen soon. */
const KEPT = 9;

/** The median of the latest measurements: what is usual, whatever single ones were. */
export class RecentMedian {
  readonly #latest: number[] = [];
  #next = 0;
  #median: number | undefined;

  get value(): number | undefined {
    return this.#median;
  }

  add(measured: number): void {
    this.#latest[this.#next] = measured;
    this.#next = (this.#next + 1) % KEPT;
    const sorted = this.#latest.toSorted((a, b) => a - b);
    this.#median = sorted[sorted.length >> 1];
  }
}
