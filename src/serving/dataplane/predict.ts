/**
 * The data plane is a chain of stages of one type: cache -> batch -> run. A stage takes the next one as a parameter, so
 * that each can be tested alone, left out, or joined by another (a canary's split goes in front).
 */
import type { Result } from '../../base/index.js';
import type { InferenceError, InferenceRequest } from '../protocol/inference.js';
import type { Tensor } from '../protocol/tensor.js';

/** What a caller wants of the cache: HTTP's Cache-Control of the request (RFC 9111, 5.2.1). */
export interface CacheDirective {
  /** False with `no-cache` and `no-store`: compute afresh. */
  readonly read: boolean;
  /** False with `no-store`. */
  readonly store: boolean;
  /** Oldest answer that will do, in seconds (`max-age`). */
  readonly maxAgeSeconds?: number;
  /** How long an answer must be good for yet, in seconds (`min-fresh`). */
  readonly minFreshSeconds?: number;
}

export const CACHE_AS_CONFIGURED: CacheDirective = { read: true, store: true };

/** Of a request that nobody said anything about, and that took one of the model's passes. */
export const PAST_CACHE: CacheDirective = { read: false, store: false };

/** What the cache did, as Cache-Status (RFC 9211) tells it. */
export type CacheOutcome =
  | {
      readonly kind: 'hit';
      readonly tier: 'memory' | 'redis';
      readonly ageSeconds: number;
      readonly ttlSeconds: number;
    }
  | { readonly kind: 'miss'; readonly stored: boolean; readonly collapsed: boolean }
  | { readonly kind: 'refused-by-request'; readonly stored: boolean }
  | { readonly kind: 'bypass' };

export interface PredictContext {
  /** When the answer is no longer of use: milliseconds of the clock's `monotonic()`. */
  readonly deadline: number;
  readonly cache: CacheDirective;
  /** Aborted when the caller no longer wants the answer: who waits then leaves the queue. */
  readonly signal?: AbortSignal;
  /** Told how long each stage took; only of requests that are traced. */
  readonly stages?: StageObserver;
  /** Keeps the prediction's duration as an exemplar that leads to this trace; only where exemplars are turned on. */
  readonly exemplarTraceId?: string;
}

/** Times are milliseconds of the clock's `monotonic()`. */
export interface StageObserver {
  /** The cache was asked, or another request that computes the same was waited for. */
  cacheAsked(startedAt: number, endedAt: number, result: CacheResult): void;
  /** The request waited for a batch. */
  queued(startedAt: number, endedAt: number): void;
  /** The model ran a batch of `rows` rows that held this request. A request may be run again after a failure. */
  ran(startedAt: number, endedAt: number, run: { readonly rows: number; readonly failed: boolean }): void;
}

export type CacheResult = 'hit' | 'miss' | 'collapsed';

export interface Prediction {
  /** As the request's `outputs` names and orders them, or all of the model's. */
  readonly outputs: readonly Tensor[];
  readonly cache: CacheOutcome;
}

export type PredictionResult = Result<Prediction, InferenceError>;

/** Never rejects: whatever goes wrong is an InferenceError. The request was checked against the model's signature. */
export type Predict = (request: InferenceRequest, context: PredictContext) => Promise<PredictionResult>;
