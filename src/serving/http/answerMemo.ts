/**
 * Answers by the very bytes that asked: a small request that was answered before, byte by byte the same, needs no
 * decoding, no hash and no encoding. It shares the memory and the bound of the in-process cache.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { PredictionCache } from '../cache/index.js';
import { type CacheOutcome, type ModelSource } from '../dataplane/index.js';
import type { EncodedPrediction } from './predictionCodec.js';

export interface MemoOptions {
  readonly cache: PredictionCache;
  readonly now: () => number;
  readonly ttlSeconds: number;
  /** What the keys of this version's answers begin with; another after each purge, and each prediction that was refreshed. */
  readonly prefixOf: (source: ModelSource) => string;
}

/** Longer bodies take longer to compare and to keep than they save. */
const LARGEST_BODY = 4096;

export interface RememberedAnswer {
  readonly body: Uint8Array;
  readonly cache: CacheOutcome;
}

export class AnswerMemo {
  readonly #options: MemoOptions;

  constructor(options: MemoOptions) {
    this.#options = options;
  }

  /** Whether the answer to such a request is remembered at all. */
  takes(headers: IncomingHttpHeaders, body: Buffer): boolean {
    return (
      body.length <= LARGEST_BODY &&
      headers['cache-control'] === undefined &&
      headers['x-request-timeout-ms'] === undefined &&
      headers['inference-header-content-length'] === undefined
    );
  }

  /** `route` tells the codecs apart. */
  keyOf(route: string, source: ModelSource, body: Buffer): string {
    return `${this.#options.prefixOf(source)}${route}\n${source.digest}\n${body.toString('latin1')}`;
  }

  recall(key: string): RememberedAnswer | undefined {
    const hit = this.#options.cache.get(key);
    if (hit === undefined || hit instanceof Promise) return undefined;
    const now = this.#options.now();
    const ageSeconds = Math.max(0, Math.floor((now - hit.storedAt) / 1000));
    const ttlSeconds = Math.max(0, Math.ceil((hit.expiresAt - now) / 1000));
    return { body: hit.value, cache: { kind: 'hit', tier: 'memory', ageSeconds, ttlSeconds } };
  }

  /** Keeps what came from the cache or went into it just now, never longer than the cache itself would. */
  remember(key: string, answer: EncodedPrediction, outcome: CacheOutcome): void {
    const [bytes, ...more] = answer.body;
    if (!(bytes instanceof Uint8Array) || more.length > 0 || answer.contentType !== 'application/json')
      return;
    const age = ageOf(outcome);
    if (age === undefined) return;
    const storedAt = this.#options.now() - age * 1000;
    this.#options.cache.set(key, {
      value: bytes,
      storedAt,
      expiresAt: storedAt + this.#options.ttlSeconds * 1000,
    });
  }
}

function ageOf(outcome: CacheOutcome): number | undefined {
  if (outcome.kind === 'hit') return outcome.ageSeconds;
  return outcome.kind === 'miss' && outcome.stored ? 0 : undefined;
}
