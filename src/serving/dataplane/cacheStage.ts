/** The cache in front of the model: look up, compute each missing answer once however many ask, keep it. */
import { type Clock, fail, ok } from '../../base/index.js';
import {
  type CacheHit,
  CachePasses,
  type PredictionCache,
  type SharedFlights,
  type VersionKeys,
} from '../cache/index.js';
import type { InferenceError, InferenceRequest } from '../protocol/inference.js';
import { binaryByteLength } from '../protocol/v2/binary.js';
import type { MissCost } from './missCost.js';
import { decodeOutputs, encodeOutputs } from './outputCodec.js';
import {
  CACHE_AS_CONFIGURED,
  type CacheDirective,
  type CacheOutcome,
  type Predict,
  type PredictContext,
  type Prediction,
  type PredictionResult,
} from './predict.js';
import type { ModelStatistics } from './statistics.js';

export interface CacheStageOptions {
  readonly cache: PredictionCache;
  readonly clock: Clock;
  readonly ttlSeconds: number;
  /** What the keys of this version begin with; another after each purge. */
  readonly keys: Pick<VersionKeys, 'prefix' | 'refreshed'>;
  /** The rest of a request's key. */
  readonly keyOf: (request: InferenceRequest) => string;
  readonly statistics: ModelStatistics;
  readonly missCost: MissCost;
  /** Computes what several pods are asked for in one of them; undefined where nothing is shared. */
  readonly elsewhere?: SharedFlights | undefined;
}

/** What looking an answer up, storing it and collecting it again costs at least, in milliseconds. */
const LOOKUP_MS = 0.04;

const LATE: InferenceError = {
  code: 'DeadlineExceeded',
  message: 'the deadline passed while another request computed the same prediction',
};

/** What says nothing about the request itself: who waited for such a failure tries again alone. */
const LEADERS_OWN: ReadonlySet<string> = new Set(['DeadlineExceeded', 'QueueFull', 'Cancelled']);

export class CacheStage {
  readonly #options: CacheStageOptions;
  readonly #next: Predict;
  readonly passes: CachePasses;
  /** Predictions being computed, by key. */
  readonly #flights = new Map<string, Promise<PredictionResult>>();

  constructor(next: Predict, options: CacheStageOptions) {
    this.#next = next;
    this.#options = options;
    this.passes = new CachePasses({ lookupMs: LOOKUP_MS, missMs: options.missCost.runMs });
  }

  readonly predict: Predict = (request, context) => {
    // Who says something about the cache gets what it says.
    if (context.cache !== CACHE_AS_CONFIGURED || this.#worthAsking(request))
      return this.#answer(request, context).then(this.#counted);
    // No promise of its own: of a cheap model it would be a part that counts.
    this.#options.statistics.countBypass();
    return this.#next(request, context);
  };

  #worthAsking({ inputs }: InferenceRequest): boolean {
    let bytes = 0;
    for (const input of inputs) bytes += binaryByteLength(input);
    return this.passes.wantsPrediction(bytes);
  }

  readonly #counted = (result: PredictionResult): PredictionResult => {
    if (result.ok) this.#options.statistics.countCache(labelOf(result.value.cache));
    return result;
  };

  async #answer(request: InferenceRequest, context: PredictContext): Promise<PredictionResult> {
    const { read, store } = context.cache;
    if (!read && !store) return withOutcome(await this.#next(request, context), REFUSED);
    const key = this.#options.keys.prefix + this.#options.keyOf(request);
    if (!read) return this.#compute(key, request, context);
    const { stages } = context;
    const askedAt = stages === undefined ? 0 : this.#options.clock.monotonic();
    const asked = this.#options.cache.get(key);
    const found = this.#usable(asked instanceof Promise ? await asked : asked, context.cache);
    const flight = this.#flights.get(key);
    const isHit = typeof found === 'object';
    this.passes.recordPrediction(found !== undefined || flight !== undefined);
    if (stages !== undefined && (isHit || flight === undefined))
      stages.cacheAsked(askedAt, this.#options.clock.monotonic(), isHit ? 'hit' : 'miss');
    if (isHit) return ok(found);
    if (flight !== undefined) return this.#follow(flight, request, context);
    if (found === undefined) return this.#lead(key, request, context);
    return this.#lead(key, request, { ...context, cache: { ...context.cache, read: false } });
  }

  /** `refused` when the request wants a younger one. */
  #usable(hit: CacheHit | undefined, directive: CacheDirective): Prediction | 'refused' | undefined {
    if (hit === undefined) return undefined;
    const now = this.#options.clock.now();
    const age = Math.max(0, (now - hit.storedAt) / 1000);
    const lifetime = Math.max(0, (hit.expiresAt - now) / 1000);
    const { maxAgeSeconds = Infinity, minFreshSeconds = 0 } = directive;
    if (age > maxAgeSeconds || lifetime < minFreshSeconds) return 'refused';
    const outputs = decodeOutputs(hit.value);
    if (outputs === undefined) return undefined;
    const [ageSeconds, ttlSeconds] = [Math.floor(age), Math.ceil(lifetime)];
    return { outputs, cache: { kind: 'hit', tier: hit.tier, ageSeconds, ttlSeconds } };
  }

  async #lead(key: string, request: InferenceRequest, context: PredictContext): Promise<PredictionResult> {
    const { read, store } = context.cache;
    const once = read && store && this.#options.elsewhere?.worthwhile() === true;
    const flight = once ? this.#computeOnce(key, request, context) : this.#compute(key, request, context);
    this.#flights.set(key, flight);
    try {
      return await flight;
    } finally {
      this.#flights.delete(key);
    }
  }

  /** Of all pods, that is. */
  async #computeOnce(
    key: string,
    request: InferenceRequest,
    context: PredictContext,
  ): Promise<PredictionResult> {
    const { clock, elsewhere } = this.#options;
    const startedAt = clock.monotonic();
    const found = this.#usable(await elsewhere?.find(key, context.deadline), context.cache);
    if (typeof found === 'object') {
      context.stages?.cacheAsked(startedAt, clock.monotonic(), 'collapsed');
      return ok({ outputs: found.outputs, cache: COLLAPSED });
    }
    const result = await this.#compute(key, request, context);
    elsewhere?.release(key);
    return result;
  }

  async #follow(
    flight: Promise<PredictionResult>,
    request: InferenceRequest,
    context: PredictContext,
  ): Promise<PredictionResult> {
    const { clock } = this.#options;
    const startedAt = context.stages === undefined ? 0 : clock.monotonic();
    const result = await this.#untilDeadline(flight, context.deadline);
    context.stages?.cacheAsked(startedAt, clock.monotonic(), 'collapsed');
    if (!result.ok && result !== TOO_LATE && LEADERS_OWN.has(result.error.code)) {
      return withOutcome(await this.#next(request, context), MISSED);
    }
    return withOutcome(result, COLLAPSED);
  }

  #untilDeadline(flight: Promise<PredictionResult>, deadline: number): Promise<PredictionResult> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.schedule(Math.max(0, deadline - clock.monotonic()), () => resolve(TOO_LATE));
      void flight.then((result) => {
        timer.cancel();
        resolve(result);
      });
    });
  }

  async #compute(key: string, request: InferenceRequest, context: PredictContext): Promise<PredictionResult> {
    const { cache, clock, keys, missCost, ttlSeconds } = this.#options;
    const startedAt = missCost.observes ? clock.monotonic() : 0;
    const result = await this.#next(request, context);
    if (!result.ok) return result;
    if (missCost.observes) missCost.took(clock.monotonic() - startedAt);
    const { read, store } = context.cache;
    // What was begun before a purge is not kept after it.
    const stored = store && key.startsWith(keys.prefix);
    if (stored) {
      const storedAt = clock.now();
      const expiresAt = storedAt + ttlSeconds * 1000;
      cache.set(key, { value: encodeOutputs(result.value.outputs), storedAt, expiresAt });
      if (!read) keys.refreshed();
    }
    if (read) return withOutcome(result, stored ? MISSED_AND_STORED : MISSED);
    return withOutcome(result, stored ? REFUSED_AND_STORED : REFUSED);
  }
}

const TOO_LATE: PredictionResult = fail(LATE);
const REFUSED: CacheOutcome = { kind: 'refused-by-request', stored: false };
const REFUSED_AND_STORED: CacheOutcome = { kind: 'refused-by-request', stored: true };
const COLLAPSED: CacheOutcome = { kind: 'miss', stored: false, collapsed: true };
const MISSED_AND_STORED: CacheOutcome = { kind: 'miss', stored: true, collapsed: false };
const MISSED: CacheOutcome = { kind: 'miss', stored: false, collapsed: false };

function withOutcome(result: PredictionResult, cache: CacheOutcome): PredictionResult {
  return result.ok ? ok({ outputs: result.value.outputs, cache }) : result;
}

function labelOf(outcome: CacheOutcome): string {
  if (outcome.kind === 'hit') return `hit_${outcome.tier}`;
  if (outcome.kind === 'miss' && outcome.collapsed) return 'collapsed';
  return outcome.kind === 'refused-by-request' ? 'refused' : outcome.kind;
}
