/** One version of a model, loaded, measured and ready to predict. */
import { stat } from 'node:fs/promises';
import { type Clock, fail, type Logger } from '../../base/index.js';
import type { GoldenExample } from '../../registry/index.js';
import type { ModelSignature } from '../protocol/tensor.js';
import type { LoadedModel, Runtime } from '../runtime/runtime.js';
import type { CachePasses } from '../cache/index.js';
import { Batcher } from './batcher.js';
import type { CacheStage } from './cacheStage.js';
import { exampleRows } from './exampleRows.js';
import { GradientLimit } from './gradientLimit.js';
import { MissCost } from './missCost.js';
import { choosePlan, type Plan } from './plan.js';
import { PAST_CACHE, type Predict } from './predict.js';
import { ModelStatistics } from './statistics.js';
import { type Measurement, rowTime, warmUp } from './warmUp.js';

/** Where a version of a model is. */
export interface ModelSource {
  readonly name: string;
  readonly version: string;
  /** Empty for a plain model repository, which has no stages. */
  readonly stage: string;
  /** The ONNX file. */
  readonly path: string;
  /** Verified by whoever made this; part of the cache's keys. */
  readonly digest: string;
  /** Inputs it was tried with when it was trained; a version without metadata has none. */
  readonly examples?: readonly GoldenExample[];
}

/** What the stages are made with. */
export interface DataPlaneOptions {
  /** Runs on the calling thread. */
  readonly inlineRuntime: Runtime;
  /** Runs on worker threads; without it everything is inline. */
  readonly poolRuntime?: (threads: number) => Runtime;
  /** The digest of a file's bytes, without holding up the event loop where that can be. */
  readonly digestOf: (path: string) => Promise<string>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly defer: (callback: () => void) => void;
  readonly maxRows: number;
  readonly maxQueue: number;
  readonly warmUpRuns: number;
  /** Worker threads a model may have. */
  readonly threads: number;
  /** Wraps the batcher in the cache. */
  readonly cacheStage?: (next: Predict, model: CachedModel) => Pick<CacheStage, 'predict' | 'passes'>;
}

export interface CachedModel {
  readonly source: ModelSource;
  readonly statistics: ModelStatistics;
  readonly missCost: MissCost;
}

export interface ServedModel {
  readonly source: ModelSource;
  readonly signature: ModelSignature;
  readonly plan: Plan;
  readonly statistics: ModelStatistics;
  readonly predict: Predict;
  /** Who takes a pass says PAST_CACHE to `predict`. Undefined where there is no cache. */
  readonly cachePasses: CachePasses | undefined;
  /** Lets what was accepted finish, then frees the model. */
  close(): Promise<void>;
}

/** A file of this size takes long to load, and may take long to run: not where a start is to answer for its health. */
const LARGE_FILE_BYTES = 2 ** 24;

/** A smaller file is loaded in no time, whatever a busy machine makes of it. */
const SMALL_FILE_BYTES = 2 ** 20;

/**
 * Loads, measures and places a model. Loading stops the thread that does it, and so do the runs of a warm-up: where the
 * event loop answers requests (`answering`), and for large files, a worker thread does both, and only a model that turns
 * out to be for the event loop is loaded there, if that does not take long.
 *
 * Rejects with a ProblemError when the file cannot be loaded.
 */
export async function serveModel(
  source: ModelSource,
  options: DataPlaneOptions,
  { answering }: { readonly answering: boolean },
): Promise<ServedModel> {
  const { clock, logger, inlineRuntime, maxRows, threads } = options;
  const size = await sizeOf(source.path);
  const elsewhere = answering || size > LARGE_FILE_BYTES ? options.poolRuntime?.(1) : undefined;
  const first = await (elsewhere ?? inlineRuntime).load(source.path, { threads: 1 });
  const examples = exampleRows(source.examples ?? [], first.signature);
  const measured = await warmUp(first, { clock, runs: options.warmUpRuns, maxRows, examples });
  const plan = choosePlan(measured, {
    maxRows,
    threads,
    poolAvailable: options.poolRuntime !== undefined,
    loadMs: answering && size > SMALL_FILE_BYTES ? first.loadMs : undefined,
  });
  const model = await place({ model: first, inline: elsewhere === undefined }, source, plan, options);
  logger.info(
    {
      model: source.name,
      version: source.version,
      placement: plan.placement,
      threads: plan.threads,
      maxRows: plan.maxRows,
    },
    `plan: ${plan.reason}`,
  );
  // A thread's messages are no part of what a row takes on the event loop.
  const rowMs =
    elsewhere !== undefined && plan.placement === 'inline' ? await rowTime(model, clock) : measured.rowMs;
  return assemble(source, model, { plan, measured: { ...measured, rowMs } }, options);
}

/** Without a file (as in tests) there is nothing large. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

interface Placed {
  readonly model: LoadedModel;
  /** Whether it is loaded on this thread. */
  readonly inline: boolean;
}

async function place(
  { model, inline }: Placed,
  source: ModelSource,
  plan: Plan,
  { inlineRuntime, poolRuntime }: DataPlaneOptions,
): Promise<LoadedModel> {
  const wantsInline = plan.placement === 'inline' || poolRuntime === undefined;
  if (wantsInline === inline && (inline || model.lanes === plan.threads)) return model;
  await model.release();
  const runtime = wantsInline ? inlineRuntime : poolRuntime(plan.threads);
  return runtime.load(source.path, { threads: 1 });
}

function assemble(
  source: ModelSource,
  model: LoadedModel,
  chosen: { readonly plan: Plan; readonly measured: Measurement },
  options: DataPlaneOptions,
): ServedModel {
  const { clock } = options;
  const statistics = new ModelStatistics();
  const { maxRows } = chosen.plan;
  const batcher = new Batcher({
    model,
    maxRows,
    maxQueue: options.maxQueue,
    ...limitOf(model, chosen, options),
    clock,
    statistics,
    defer: options.defer,
  });
  const observe = chosen.plan.placement === 'pool';
  const missCost = new MissCost(chosen.measured.rowMs ?? Infinity, observe);
  const cached = { source, statistics, missCost };
  const cacheStage = options.cacheStage?.(batcher.predict, cached);
  const inner = cacheStage?.predict ?? batcher.predict;
  const past: Predict = (request, context) => {
    statistics.countBypass();
    return batcher.predict(request, context);
  };
  const underWay = new UnderWay();
  let open = true;
  return {
    source,
    signature: model.signature,
    plan: chosen.plan,
    statistics,
    cachePasses: cacheStage?.passes,
    predict(request, context) {
      if (!open)
        return Promise.resolve(fail({ code: 'NotReady', message: `model ${source.name} is being unloaded` }));
      const startedAt = clock.monotonic();
      underWay.begin();
      // A call of its own: the engine compiles each for the one function it calls.
      const predicted = context.cache === PAST_CACHE ? past(request, context) : inner(request, context);
      return predicted.then((result) => {
        underWay.end();
        const seconds = (clock.monotonic() - startedAt) / 1000;
        statistics.latency.observe(seconds);
        if (context.exemplarTraceId !== undefined)
          statistics.latency.exemplify(seconds, context.exemplarTraceId, clock.now() / 1000);
        statistics.countOutcome(result.ok ? 'ok' : result.error.code);
        if (result.ok) statistics.lastPredictionAt = clock.now();
        return result;
      });
    },
    async close() {
      open = false;
      // A request may be with the cache, on its way to the batcher; and the model may run for nobody any more.
      await underWay.none();
      await batcher.drained();
      await model.release();
    },
  };
}

/** Requests that were taken and are not answered yet. */
class UnderWay {
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when there are none. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Half a second in the line is worth it: a client that is refused comes back after one. */
const PATIENCE_MS = 500;

/** Of a model on the event loop, latency says more about the loop than about the model: the queue's bound is all. */
function limitOf(
  { lanes }: LoadedModel,
  { plan, measured }: { readonly plan: Plan; readonly measured: Measurement },
  { maxQueue }: DataPlaneOptions,
): { readonly limit?: GradientLimit } {
  const runMs = measured.rowMs;
  if (plan.placement === 'inline' || runMs === undefined) return {};
  return { limit: new GradientLimit({ lanes, max: maxQueue + lanes, patienceMs: PATIENCE_MS, runMs }) };
}
