/** `gantry serve`: the process in each pod, and a model server on any folder of models. */
import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultServingSettings, type ServingConfig } from '../../api/index.js';
import {
  createLogger,
  fail,
  formatProblem,
  type Logger,
  type LogLevel,
  messageOf,
  ok,
  type Problem,
  problem,
  ProblemError,
  type Result,
  systemClock,
} from '../../base/index.js';
import { findVersion, verifyVersion } from '../../registry/index.js';
import {
  type ModelSource,
  type RunningServer,
  type ServerAccess,
  type ServerConfig,
  type ServerOptions,
  startServer,
  type TracingConfig,
} from '../../serving/index.js';
import type { Member } from '../../serving/processes/index.js';
import { accessFrom } from '../access.js';
import { type CommandIo, type ExitCode, formatTable, untilAborted } from '../io.js';
import { modelsInFolder } from '../modelFolder.js';
import type { CommandRunner, OptionValues } from '../command.js';
import { redisFrom } from '../redis.js';
import { joinProcesses, type Processes, startProcesses } from '../serveProcesses.js';
import { tracingFrom } from '../tracing.js';
import { packageVersion } from '../version.js';

const MEBIBYTE = 2 ** 20;

/** What a slow model's worker threads run: a bundle of its own beside this one (see scripts/build.js). */
const WORKER_FILE = new URL('./serving-worker.js', import.meta.url);
/** How long clients that are connected may take to notice that their connection is to be closed. */
const LINGER_MS = 5_000;
/** How long answers in flight may take after SIGTERM; the pod's grace period is longer. */
const DRAIN_GRACE_MS = 20_000;

interface Plan {
  readonly config: ServerConfig;
  readonly models: readonly ModelSource[];
}

async function readConfig(file: string): Promise<Result<ServingConfig>> {
  const remedy = 'the operator writes this file; see the ConfigMap of the ModelDeployment';
  try {
    const config = JSON.parse(await readFile(file, 'utf8')) as ServingConfig;
    if (config.apiVersion === 'gantry.dev/serving.v1alpha1') return ok(config);
    return fail(
      problem(
        'ConfigInvalid',
        file,
        `apiVersion is ${String(config.apiVersion)}, not gantry.dev/serving.v1alpha1`,
        remedy,
      ),
    );
  } catch (error) {
    return fail(problem('ConfigUnreadable', file, messageOf(error), remedy));
  }
}

/** The one model of a pod, from whichever stage holds it; its bytes must be the declared ones. */
async function planPod(root: string, configFile: string): Promise<Result<Plan>> {
  const config = await readConfig(configFile);
  if (!config.ok) return config;
  const { name, version, digest } = config.value.model;
  const found = await findVersion(root, name, version);
  if (!found.ok) return found;
  const verified = await verifyVersion(found.value, digest);
  if (!verified.ok) return verified;
  return ok({
    config: config.value,
    models: [{ name, version, stage: found.value.stage, path: found.value.modelFile, digest }],
  });
}

async function planFolder(root: string, names: readonly string[]): Promise<Result<Plan>> {
  const found = await modelsInFolder(root);
  if (!found.ok) return found;
  const unknown = names.find((name) => !found.value.some((model) => model.name === name));
  if (unknown !== undefined) {
    const known = [...new Set(found.value.map((model) => model.name))].join(', ');
    return fail(
      problem('ModelNotFound', `--model ${unknown}`, `no such model in ${root}`, `there is ${known}`),
    );
  }
  const models = names.length === 0 ? found.value : found.value.filter((model) => names.includes(model.name));
  return ok({ config: defaultServingSettings(), models });
}

function printPlan(io: CommandIo, { config, models }: Plan): ExitCode {
  const rows = models.map((model) => [model.name, model.version, model.digest.slice(0, 19), model.path]);
  io.stdout.write(`${formatTable(['MODEL', 'VERSION', 'DIGEST', 'FILE'], rows)}\n`);
  const cache = config.cache.enabled
    ? `${config.cache.ttlSeconds} s, ${config.cache.maxBytes / MEBIBYTE} MiB in process`
    : 'off';
  io.stdout.write(`cache ${cache}; queue ${config.queue.maxRequests}; time limit ${config.timeoutMs} ms\n`);
  return 0;
}

/**
 * Where Kubernetes looks for a container's last words. The operator reads them and puts them into the
 * ModelDeployment's condition.
 */
async function leaveLastWords(io: CommandIo, found: Problem): Promise<ExitCode> {
  const words = JSON.stringify(found);
  await appendFile(io.environment.GANTRY_TERMINATION_LOG ?? '/dev/termination-log', words, {
    flag: 'r+',
  }).catch(() => undefined);
  io.stderr.write(`gantry: ${formatProblem(found)}\n`);
  io.stdout.write(`${words}\n`);
  return 1;
}

async function planFrom(io: CommandIo, options: OptionValues): Promise<Result<Plan>> {
  const root = path.resolve(io.workingDirectory, options.models as string);
  return typeof options.config === 'string'
    ? planPod(root, path.resolve(io.workingDirectory, options.config))
    : planFolder(root, (options.model as readonly string[] | undefined) ?? []);
}

/** A mistake about traces must not keep a model from being served. */
function tracingOptions(io: CommandIo, logger: Logger): { readonly tracing?: TracingConfig } {
  const tracing = tracingFrom(io.environment, packageVersion());
  if (!tracing.ok) logger.warn({ reason: formatProblem(tracing.error) }, 'no traces are sent');
  return tracing.ok && tracing.value !== undefined ? { tracing: tracing.value } : {};
}

interface ServerParts {
  readonly plan: Plan;
  readonly access: ServerAccess;
  /** Nothing in it where no Redis is asked for. */
  readonly redis: Pick<ServerOptions, 'redis'>;
  readonly logger: Logger;
}

/** Fails when a port or a file that is needed cannot be had. */
async function start(
  io: CommandIo,
  options: OptionValues,
  parts: ServerParts,
  member: Member | undefined,
): Promise<Result<RunningServer>> {
  try {
    return ok(await startServer(serverOptions(io, options, parts, member)));
  } catch (error) {
    if (error instanceof ProblemError) return fail(error.problem);
    throw error;
  }
}

function serverOptions(
  io: CommandIo,
  options: OptionValues,
  { plan, access, redis, logger }: ServerParts,
  member: Member | undefined,
): ServerOptions {
  return {
    ...plan,
    host: options.host as string,
    ports: {
      http: options.port as number,
      metrics: options.metricsPort as number,
      ...(options.grpc === true && { grpc: options.grpcPort as number }),
    },
    ...(member === undefined ? {} : { sharedSockets: member.sockets }),
    access,
    logger,
    version: packageVersion(),
    accessLog: { sample: options.accessLogSample as number, slowMs: options.accessLogSlowMs as number },
    exemplars: options.metricsExemplars === true,
    ...tracingOptions(io, logger),
    ...redis,
    ...(existsSync(WORKER_FILE) ? { workerFile: WORKER_FILE } : {}),
  };
}

/** Undefined when every model is loaded; a server on a folder goes on without those that are not, if any is. */
async function loadingFailure(
  server: RunningServer,
  plan: Plan,
  options: OptionValues,
): Promise<Problem | undefined> {
  await server.loaded;
  const failed = server.notReady();
  const isPod = typeof options.config === 'string';
  if (failed.length === 0 || (!isPod && failed.length < plan.models.length)) return undefined;
  await server.drain({ lingerMs: 0, graceMs: 0 });
  return problem(
    'ModelUnloadable',
    plan.models[0]?.path ?? '',
    failed.join('; '),
    'check that the file is a complete ONNX model',
  );
}

function logListening(logger: Logger, server: RunningServer, { models }: Plan): void {
  const { http, grpc, metrics } = server.addresses;
  const names = models.map(({ name, version }) => `${name}/${version}`);
  logger.info(
    {
      address: http.address,
      port: http.port,
      grpcPort: grpc?.port,
      metricsPort: metrics.port,
      models: names,
    },
    'listening',
  );
}

export const run: CommandRunner = async (io, options) => {
  const plan = await planFrom(io, options);
  if (!plan.ok) return leaveLastWords(io, plan.error);
  const access = accessFrom(io, options);
  if (!access.ok) return leaveLastWords(io, access.error);
  const redis = await redisFrom(io, options);
  if (!redis.ok) return leaveLastWords(io, redis.error);
  if (options.dryRun === true) return printPlan(io, plan.value);
  const logger = createLogger({ level: options.logLevel as LogLevel, name: 'serve' });
  const member = options.member === true ? await joinProcesses() : undefined;
  const parts = { plan: plan.value, access: access.value, redis: redis.value, logger };
  const started = await start(io, options, parts, member);
  if (!started.ok) return leaveLastWords(io, started.error);
  const server = started.value;
  if (member === undefined) logListening(logger, server, plan.value);
  const failure = await loadingFailure(server, plan.value, options);
  if (failure !== undefined) return leaveLastWords(io, failure);
  if (member !== undefined) {
    await member.serve(server, { clock: systemClock, logger });
    return 0;
  }
  logger.info({ startedMs: Math.round(performance.now()) }, 'ready');
  const group = await startProcesses(server, options.processes as Processes, logger);
  await untilAborted(io.signal);
  logger.info('draining');
  await (group ?? server).drain({ lingerMs: LINGER_MS, graceMs: DRAIN_GRACE_MS });
  logger.info('stopped');
  return 0;
};
