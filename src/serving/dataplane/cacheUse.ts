/** Requests looked up before the share of hits is judged. */
const WINDOW = 256;

/** Below this share of hits the inputs count as never repeating. */
const REPEATING = 0.02;

/** Of requests that are not worth a lookup, one in this many gets one all the same, to notice when that changes. */
const SAMPLE = 16;

/** The part of a prediction's cost that its lookup may add where no input repeats. */
const AFFORDABLE = 0.03;

/** What a lookup costs, in milliseconds: so much for any, and SHA-256 over the input at about 1.5 GB/s. */
const LOOKUP_MS = 0.006;
const HASHED_BYTES_PER_MS = 1.5e6;

/**
 * Whether the cache is worth asking. For a model that takes about as long as hashing its input, a stream of inputs that
 * never repeat should not pay for a cache; as soon as one of the sampled lookups hits, all are looked up again.
 */
export class CacheUse {
  #lookups = 0;
  #hits = 0;
  #repeating = true;
  #turn = 0;

  /** `missMs`: what the prediction costs without the cache; `bytes`: the size of its input. */
  wanted(missMs: number, bytes: number): boolean {
    if (this.#repeating) return true;
    if (LOOKUP_MS + bytes / HASHED_BYTES_PER_MS <= missMs * AFFORDABLE) return true;
    return ++this.#turn % SAMPLE === 0;
  }

  record(hit: boolean): void {
    this.#lookups++;
    if (hit) {
      this.#hits++;
      this.#repeating = true;
    }
    if (this.#lookups < WINDOW) return;
    this.#repeating = this.#hits >= WINDOW * REPEATING;
    this.#lookups = 0;
    this.#hits = 0;
  }
}
