/** One version of a model, loaded, measured and ready to predict. */
import { type Clock, fail, type Logger } from '../../base/index.js';
import type { ModelSignature } from '../protocol/tensor.js';
import type { LoadedModel, Runtime } from '../runtime/runtime.js';
import { Batcher } from './batcher.js';
import { GradientLimit } from './gradientLimit.js';
import { MissCost } from './missCost.js';
import { choosePlan, type Plan } from './plan.js';
import type { Predict } from './predict.js';
import { ModelStatistics } from './statistics.js';
import { type Measurement, warmUp } from './warmUp.js';

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
}

/** What the stages are made with. */
export interface DataPlaneOptions {
  /** Runs on the calling thread. */
  readonly inlineRuntime: Runtime;
  /** Runs on worker threads; without it everything is inline. */
  readonly poolRuntime?: (threads: number) => Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly defer: (callback: () => void) => void;
  readonly maxRows: number;
  readonly maxQueue: number;
  readonly warmUpRuns: number;
  /** Worker threads a model may have. */
  readonly threads: number;
  /** Wraps the batcher in the cache. */
  readonly cacheStage?: (next: Predict, model: CachedModel) => Predict;
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
  /** Lets what was accepted finish, then frees the model. */
  close(): Promise<void>;
}

/** Rejects with a ProblemError when the file cannot be loaded. */
export async function serveModel(source: ModelSource, options: DataPlaneOptions): Promise<ServedModel> {
  const { clock, logger } = options;
  const onThisThread = await options.inlineRuntime.load(source.path, { threads: 1 });
  const measured = await warmUp(onThisThread, { clock, runs: options.warmUpRuns, maxRows: options.maxRows });
  const plan = choosePlan(measured, {
    maxRows: options.maxRows,
    threads: options.threads,
    poolAvailable: options.poolRuntime !== undefined,
  });
  const model = await place(onThisThread, source, plan, options);
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
  return assemble(source, model, { plan, measured }, options);
}

async function place(
  onThisThread: LoadedModel,
  source: ModelSource,
  plan: Plan,
  options: DataPlaneOptions,
): Promise<LoadedModel> {
  if (plan.placement === 'inline' || options.poolRuntime === undefined) return onThisThread;
  await onThisThread.release();
  return options.poolRuntime(plan.threads).load(source.path, { threads: 1 });
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
  const inner = options.cacheStage?.(batcher.predict, cached) ?? batcher.predict;
  let open = true;
  return {
    source,
    signature: model.signature,
    plan: chosen.plan,
    statistics,
    predict(request, context) {
      if (!open)
        return Promise.resolve(fail({ code: 'NotReady', message: `model ${source.name} is being unloaded` }));
      const startedAt = clock.monotonic();
      return inner(request, context).then((result) => {
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
      await batcher.drained();
      await model.release();
    },
  };
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
