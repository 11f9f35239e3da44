/** The data plane put together from the configuration: runtimes, cache, limits. */
import { existsSync } from 'node:fs';
import { digestOfFile } from '../base/index.js';
import type { DataPlaneOptions } from './dataplane/index.js';
import { ModelCache } from './modelCache.js';
import { availableCores, createOnnxRuntime, createPoolRuntime, digestOnThread } from './runtime/index.js';
import type { ServerOptions } from './serverOptions.js';

export interface ModelServing {
  readonly dataPlane: DataPlaneOptions;
  /** Undefined where it is turned off. */
  readonly cache: ModelCache | undefined;
  close(): Promise<void>;
}

export type ModelServingOptions = Pick<
  ServerOptions,
  'config' | 'logger' | 'redis' | 'runtime' | 'workerFile'
>;

export async function prepareModelServing(
  options: ModelServingOptions,
  { clock, defer }: Pick<DataPlaneOptions, 'clock' | 'defer'>,
): Promise<ModelServing> {
  const { config, logger, redis } = options;
  const workerFile = options.workerFile ?? builtWorker();
  const cache = config.cache.enabled ? new ModelCache({ ...config.cache, redis, clock, logger }) : undefined;
  const dataPlane: DataPlaneOptions = {
    inlineRuntime: options.runtime ?? createOnnxRuntime(),
    clock,
    logger,
    defer,
    digestOf: (path) => (workerFile === undefined ? digestOfFile(path) : digestOnThread(path, workerFile)),
    maxRows: config.batching.enabled ? config.batching.maxRows : 1,
    maxQueue: config.queue.maxRequests,
    warmUpRuns: config.warmup.runs,
    threads: config.threads === 'auto' ? await availableCores() : config.threads,
    ...(workerFile === undefined
      ? {}
      : { poolRuntime: (threads: number) => createPoolRuntime({ threads, workerFile, clock, logger }) }),
    ...(cache === undefined ? {} : { cacheStage: cache.stage }),
  };
  return {
    dataPlane,
    cache,
    close: async () => cache?.close(),
  };
}

/** The worker's program beside this one, where the build puts it; undefined when running from the sources. */
function builtWorker(): URL | undefined {
  const file = new URL('./serving-worker.js', import.meta.url);
  return existsSync(file) ? file : undefined;
}
