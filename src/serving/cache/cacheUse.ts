/** Requests looked up one after another before their share of hits is judged. */
const WINDOW = 256;

/** What unique inputs may cost, as a share: where they cost less, everything is looked up. */
const NEGLIGIBLE = 0.03;

/** Sampled lookups after which they become rarer. */
const SAMPLES = 64;

/** SHA-256. */
const HASHED_BYTES_PER_MS = 1.5e6;

/** Of requests that are not worth a lookup, one in so many gets one all the same: at first, and at the rarest. */
const FIRST_SAMPLE = 16;
const RAREST_SAMPLE = 1024;

/**
 * Whether the cache is worth asking. In front of a model that takes about as long as hashing its input, a stream of inputs
 * that never repeat should not pay for a cache: only a sample is looked up and stored, rarer and rarer. The first sampled
 * lookup that hits brings a window in which all are looked up, which decides anew.
 */
export class CacheUse {
  readonly #lookupMs: number;
  #lookups = 0;
  #hits = 0;
  /** One in so many requests is looked up. */
  #every = 1;
  /** What a window without enough hits goes back to. */
  #sample = FIRST_SAMPLE;
  #turn = 0;
  /** The share of hits below which lookups of the latest request's kind cost more than they save. */
  #breakEven = 0;

  /** @param lookupMs what a lookup and a store cost, the hashing of the input apart, in milliseconds */
  constructor(lookupMs: number) {
    this.#lookupMs = lookupMs;
  }

  /** `missMs`: what the prediction costs without the cache; `bytes`: of its input, to be hashed. */
  wanted(missMs: number, bytes: number): boolean {
    if (this.#everyone(missMs, this.#lookupMs + bytes / HASHED_BYTES_PER_MS)) return true;
    if (++this.#turn < this.#every) return false;
    this.#turn = 0;
    return true;
  }

  /** The same where the input has been hashed: the sample is then one of keys, and who looks one up finds what others stored. */
  wantsKey(missMs: number, key: string): boolean {
    return this.#everyone(missMs, this.#lookupMs) || placeOf(key) % this.#every === 0;
  }

  /** How many of the next requests are not wanted whatever they ask, when they are asked one after another. */
  idle(missMs: number): number {
    return this.#every === 1 || shareOf(this.#lookupMs, missMs) <= NEGLIGIBLE
      ? 0
      : this.#every - 1 - this.#turn;
  }

  /** So many requests were not asked about. */
  pass(requests: number): void {
    this.#turn += requests;
  }

  #everyone(missMs: number, costMs: number): boolean {
    this.#breakEven = shareOf(costMs, missMs);
    return this.#every === 1 || this.#breakEven <= NEGLIGIBLE;
  }

  record(hit: boolean): void {
    this.#lookups++;
    if (hit) this.#hits++;
    if (this.#every === 1) {
      if (this.#lookups === WINDOW) this.#judge();
    } else if (hit) this.#begin(1);
    else if (this.#lookups === SAMPLES) {
      this.#sample = Math.min(this.#sample * 2, RAREST_SAMPLE);
      this.#begin(this.#sample);
    }
  }

  #judge(): void {
    if (this.#hits < WINDOW * this.#breakEven) this.#begin(this.#sample);
    else {
      this.#sample = FIRST_SAMPLE;
      this.#begin(1);
    }
  }

  #begin(every: number): void {
    this.#every = every;
    this.#lookups = 0;
    this.#hits = 0;
    this.#turn = 0;
  }
}

/** Of what a request costs that misses. */
function shareOf(costMs: number, missMs: number): number {
  return missMs === Infinity ? 0 : costMs / (costMs + missMs);
}

/** A number from 0 to 4095 out of the base64url digits of a hash; the last one has not all of its bits. */
function placeOf(key: string): number {
  const digit = (at: number) => DIGITS.indexOf(key.charAt(key.length - at));
  return digit(2) * 64 + digit(3);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
