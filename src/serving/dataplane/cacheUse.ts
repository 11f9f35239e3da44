/** Requests looked up before the share of hits is judged. */
const WINDOW = 256;

/** Below this share of hits a cache in front of a cheap model costs more than it saves. */
const WORTHWHILE = 0.02;

/** Of requests that are not worth a lookup, one in this many gets one all the same, to notice when that changes. */
const SAMPLE = 16;

/**
 * Whether the cache is worth asking. For a model that takes about as long as hashing its input, a stream of inputs that
 * never repeat should not pay for a cache; as soon as one of the sampled lookups hits, all are looked up again.
 */
export class CacheUse {
  readonly #cheapModel: boolean;
  #lookups = 0;
  #hits = 0;
  #sampling = false;
  #turn = 0;

  constructor(cheapModel: boolean) {
    this.#cheapModel = cheapModel;
  }

  wanted(): boolean {
    return !this.#sampling || ++this.#turn % SAMPLE === 0;
  }

  record(hit: boolean): void {
    this.#lookups++;
    if (hit) {
      this.#hits++;
      this.#sampling = false;
    }
    if (this.#lookups < WINDOW) return;
    this.#sampling = this.#cheapModel && this.#hits < WINDOW * WORTHWHILE;
    this.#lookups = 0;
    this.#hits = 0;
  }
}
