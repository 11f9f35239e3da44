/**
 * What runs, by lane. A fixed array, and no Set: V8 lays a Set that is added to and deleted from out anew every few
 * batches, each table it leaves refers to the next, and once one of them has grown old all that ever ran stays until the whole
 * heap is collected.
 */
export class Lanes<T> {
  readonly #batches: (readonly T[])[];
  #busy = 0;
  #running = 0;

  /** `count` batches run at once at most. */
  constructor(count: number) {
    this.#batches = Array.from({ length: count }, () => []);
  }

  /** Lanes at work. */
  get busy(): number {
    return this.#busy;
  }

  get allBusy(): boolean {
    return this.#busy === this.#batches.length;
  }

  /** Items that run. */
  get running(): number {
    return this.#running;
  }

  /** Gives the lane in which the batch, which is not empty, now runs. One has to be free. */
  begin(batch: readonly T[]): number {
    const lane = this.#batches.findIndex((other) => other.length === 0);
    this.#batches[lane] = batch;
    this.#busy++;
    this.#running += batch.length;
    return lane;
  }

  end(lane: number): void {
    this.#busy--;
    this.#running -= this.#batches[lane]?.length ?? 0;
    this.#batches[lane] = [];
  }

  forEach(visit: (item: T) => void): void {
    for (const batch of this.#batches) for (const item of batch) visit(item);
  }
}
