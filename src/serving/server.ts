/** The serving process put together: models, data plane and listeners. `gantry serve` is this and its flags. */
import type { AddressInfo } from 'node:net';
import type { ServingConfig } from '../api/index.js';
import { type Clock, type Logger, systemClock } from '../base/index.js';
import { type DataPlaneOptions, ModelCatalogue, type ModelSource } from './dataplane/index.js';
import { AccessLog } from './http/accessLog.js';
import type { ApplicationOptions } from './http/application.js';
import { BodyBudget } from './http/body.js';
import { createDispatcher } from './http/dispatcher.js';
import { listen } from './http/httpServer.js';
import { PredictionEndpoint, type PredictionTarget } from './http/predictionEndpoint.js';
import type { Exchange } from './http/reply.js';
import { v2Codec } from './http/v2Codec.js';
import { createOnnxRuntime } from './runtime/onnxRuntime.js';
import type { Runtime } from './runtime/runtime.js';

/** A pod's configuration; a server on a plain folder of models has no `model` and so no typed endpoint. */
export type ServerConfig = Omit<ServingConfig, 'apiVersion' | 'model'> & {
  readonly model?: ServingConfig['model'];
};

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly models: readonly ModelSource[];
  readonly host: string;
  /** 0 lets the system choose. */
  readonly ports: { readonly http: number; readonly metrics: number };
  readonly logger: Logger;
  /** Gantry's own version, for the server's metadata. */
  readonly version: string;
  readonly clock?: Clock;
  readonly runtime?: Runtime;
}

export interface RunningServer {
  readonly addresses: { readonly http: AddressInfo };
  /** Resolves once every model is loaded, or has failed to: `notReady` says which. Never rejects. */
  readonly loaded: Promise<void>;
  /** Why the server is not ready; empty when it is. */
  notReady(): readonly string[];
  /** Stops without dropping what was accepted: see ListeningServer.stop. */
  drain(limits: { readonly lingerMs: number; readonly graceMs: number }): Promise<void>;
}

/** Bodies of this many requests of the largest size may be in memory together. */
const BODIES_IN_FLIGHT = 8;

/** Rejects with a ProblemError when a port cannot be had. Resolves when listening; the models load meanwhile. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, logger } = options;
  const clock = options.clock ?? systemClock;
  const defaults = config.model === undefined ? [] : [[config.model.name, config.model.version] as const];
  const catalogue = new ModelCatalogue(options.models, new Map(defaults));
  const state = { draining: false };
  const notReady = () => reasonsNotReady(catalogue, state.draining);
  const closing = () => state.draining;
  const accessLog = new AccessLog(logger, clock);
  const onAnswered = (exchange: Exchange, status: number, startedAt: number) => {
    if (accessLog.wants()) accessLog.write(accessEntry(exchange, status, clock.monotonic() - startedAt));
  };
  const endpoint = new PredictionEndpoint({
    catalogue,
    clock,
    limits: {
      maxBytes: config.limits.maxBodyBytes,
      budget: new BodyBudget(config.limits.maxBodyBytes * BODIES_IN_FLIGHT),
    },
    timeoutMs: config.timeoutMs,
    onAnswered,
  });
  const application = import('./http/application.js').then(({ createApplication }) =>
    createApplication({
      catalogue,
      endpoint,
      codecs: { v2: v2Codec, v1: v2Codec, typed: v2Codec },
      typedModel: config.model,
      serverVersion: options.version,
      logger,
      closing,
      notReady,
      openApi: async () => ({}),
      onAnswered,
      monotonic: () => clock.monotonic(),
    } satisfies ApplicationOptions),
  );
  const dispatcher = createDispatcher({
    endpoint,
    hotRoutes: hotRoutes(options.models),
    otherwise: application,
    closing,
  });
  const http = await listen(dispatcher, {
    host: options.host,
    port: options.ports.http,
    answerMs: config.timeoutMs,
    clock,
  });
  const loaded = catalogue.load(dataPlaneOptions(options, clock));
  return {
    addresses: { http: http.address },
    loaded,
    notReady,
    async drain({ lingerMs, graceMs }) {
      state.draining = true;
      await http.stop(lingerMs, graceMs);
      await loaded;
      await catalogue.close();
    },
  };
}

function hotRoutes(models: readonly ModelSource[]): ReadonlyMap<string, PredictionTarget> {
  const routes = new Map<string, PredictionTarget>();
  for (const { name, version } of models) {
    const path = `/v2/models/${encodeURIComponent(name)}`;
    routes.set(`${path}/infer`, { codec: v2Codec, model: name, version: undefined });
    routes.set(`${path}/versions/${encodeURIComponent(version)}/infer`, {
      codec: v2Codec,
      model: name,
      version,
    });
  }
  return routes;
}

function dataPlaneOptions(options: ServerOptions, clock: Clock): DataPlaneOptions {
  const { config } = options;
  return {
    inlineRuntime: options.runtime ?? createOnnxRuntime(),
    clock,
    logger: options.logger,
    defer: setImmediate,
    maxRows: config.batching.enabled ? config.batching.maxRows : 1,
    maxQueue: config.queue.maxRequests,
    warmUpRuns: config.warmup.runs,
    threads: 1,
  };
}

function reasonsNotReady(catalogue: ModelCatalogue, draining: boolean): readonly string[] {
  const models = catalogue
    .list()
    .filter(({ state }) => state !== 'READY')
    .map(({ source, state, reason }) =>
      state === 'LOADING'
        ? `model ${source.name} version ${source.version} is loading`
        : `model ${source.name} version ${source.version} could not be loaded: ${reason}`,
    );
  return draining ? ['the server is shutting down', ...models] : models;
}

function accessEntry(exchange: Exchange, status: number, durationMs: number) {
  const { request, context } = exchange;
  return {
    context,
    method: request.method ?? '',
    path: (request.url ?? '').split('?', 1)[0] ?? '',
    status,
    durationMs,
  };
}
