/**
 * Requests for one model that go past its cache unasked. Where nothing repeats, asking whether the cache is worth asking is itself a part
 * of a quick model's time, by what it keeps the engine from compiling into one piece. So whoever takes requests counts down a number
 * instead, for as many requests as neither lookup would want.
 */
import { CacheUse } from './cacheUse.js';

/** In milliseconds: what a lookup costs (the hashing of an input apart), and what a miss does without the cache. */
interface LookupCost {
  readonly lookupMs: number;
  readonly missMs: number;
}

/** What looking a small body up and keeping its answer costs, and what reading it and printing an answer does at least. */
const ANSWER: LookupCost = { lookupMs: 0.005, missMs: 0.02 };

export class CachePasses {
  readonly #predictions: CacheUse;
  readonly #answers = new CacheUse(ANSWER.lookupMs);
  readonly #missMs: number;
  #left = 0;

  /** Of looking a prediction up by its tensors; what an answer by its bytes costs is known. */
  constructor({ lookupMs, missMs }: LookupCost) {
    this.#predictions = new CacheUse(lookupMs);
    this.#missMs = missMs;
  }

  /** Whether this request goes past the cache, both ways of asking it included. */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  /** Lets as many of the next requests pass as would not be looked up anyway. `answersToo`: they are such that answers are remembered of. */
  grant(answersToo: boolean): void {
    const ofPredictions = this.#predictions.idle(this.#missMs);
    const count = answersToo ? Math.min(this.#answers.idle(ANSWER.missMs), ofPredictions) : ofPredictions;
    if (count === 0) return;
    this.#predictions.pass(count);
    if (answersToo) this.#answers.pass(count);
    this.#left = count;
  }

  /** Whether to look up the answer to the very same bytes. */
  wantsAnswer(): boolean {
    return this.#answers.wanted(ANSWER.missMs, 0);
  }

  /** Whether to look up the prediction for tensors of so many bytes. */
  wantsPrediction(bytes: number): boolean {
    return this.#predictions.wanted(this.#missMs, bytes);
  }

  recordAnswer(hit: boolean): void {
    this.#answers.record(hit);
    if (hit) this.#left = 0;
  }

  recordPrediction(hit: boolean): void {
    this.#predictions.record(hit);
    if (hit) this.#left = 0;
  }
}
