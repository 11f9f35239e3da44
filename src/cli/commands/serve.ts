/** `gantry serve`: the process in each pod, and a model server on any folder of models. */
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import {
  createLogger,
  fail,
  formatProblem,
  type Logger,
  type LogLevel,
  ok,
  type Problem,
  problem,
  ProblemError,
  type Result,
} from '../../base/index.js';
import {
  type RunningServer,
  type ServerAccess,
  type ServerOptions,
  startServer,
  type TracingConfig,
  type TriedModel,
  tryModels,
} from '../../serving/index.js';
import type { Member } from '../../serving/processes/index.js';
import { accessFrom } from '../access.js';
import { type CommandIo, type ExitCode, formatTable, reportProblem, untilAborted } from '../io.js';
import type { CommandRunner, OptionValues } from '../command.js';
import { tuneV8 } from '../v8Flags.js';
import { redisFrom } from '../redis.js';
import { planMember, planServing, type ServePlan } from '../servePlan.js';
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

/** What a start would serve and how it would run it; each model is loaded and measured for that. */
async function printPlan(io: CommandIo, { config, models }: ServePlan): Promise<ExitCode> {
  const tried = await tryModels({ config, models, ...workerFile() });
  const header = ['MODEL', 'VERSION', 'DIGEST', 'RUNS', 'ROWS', 'WHY', 'FILE'];
  io.stdout.write(`${formatTable(header, tried.map(planRow))}\n`);
  const cache = config.cache.enabled
    ? `${config.cache.ttlSeconds} s, ${config.cache.maxBytes / MEBIBYTE} MiB in process`
    : 'off';
  io.stdout.write(`cache ${cache}; queue ${config.queue.maxRequests}; time limit ${config.timeoutMs} ms\n`);
  return tried.every(({ plan }) => plan !== undefined) ? 0 : 1;
}

function planRow({ source: { name, version, digest, path }, plan, reason }: TriedModel): readonly string[] {
  const model = [name, version, digest.slice(0, 19)];
  if (plan === undefined) return [...model, 'not at all', '', reason, path];
  const runs = plan.placement === 'inline' ? 'on the event loop' : `on ${plan.threads} threads`;
  return [...model, runs, plan.maxRows === 1 ? '1' : `up to ${plan.maxRows}`, plan.reason, path];
}

function workerFile(): Pick<ServerOptions, 'workerFile'> {
  return existsSync(WORKER_FILE) ? { workerFile: WORKER_FILE } : {};
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

/** A mistake about traces must not keep a model from being served. */
function tracingOptions(io: CommandIo, logger: Logger): { readonly tracing?: TracingConfig } {
  const tracing = tracingFrom(io.environment, packageVersion());
  if (!tracing.ok) logger.warn({ reason: formatProblem(tracing.error) }, 'no traces are sent');
  return tracing.ok && tracing.value !== undefined ? { tracing: tracing.value } : {};
}

interface Parts {
  readonly plan: ServePlan;
  readonly access: ServerAccess;
  /** Nothing in it where no Redis is asked for. */
  readonly redis: Pick<ServerOptions, 'redis'>;
  readonly logger: Logger;
  /** Undefined in the first process. */
  readonly member?: Member;
}

/** Fails when a port or a file that is needed cannot be had. */
async function start(io: CommandIo, options: OptionValues, parts: Parts): Promise<Result<RunningServer>> {
  try {
    return ok(await startServer(serverOptions(io, options, parts)));
  } catch (error) {
    if (error instanceof ProblemError) return fail(error.problem);
    throw error;
  }
}

function serverOptions(
  io: CommandIo,
  options: OptionValues,
  { plan, access, redis, logger, member }: Parts,
): ServerOptions {
  return {
    ...plan,
    host: options.host as string,
    ports: {
      http: options.port as number,
      metrics: options.metricsPort as number,
      ...(options.grpc === true && { grpc: options.grpcPort as number }),
    },
    ...(member === undefined ? {} : { shared: member }),
    access,
    logger,
    version: packageVersion(),
    accessLog: { sample: options.accessLogSample as number, slowMs: options.accessLogSlowMs as number },
    exemplars: options.metricsExemplars === true,
    ...tracingOptions(io, logger),
    ...redis,
    ...workerFile(),
  };
}

/** Undefined when every model is loaded; a server on a folder goes on without those that are not, if any is. */
async function loadingFailure(
  server: RunningServer,
  plan: ServePlan,
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

function logListening(logger: Logger, server: RunningServer, { models }: ServePlan): void {
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
  tuneV8();
  const access = accessFrom(io, options);
  if (!access.ok) return leaveLastWords(io, access.error);
  const redis = await redisFrom(io, options);
  if (!redis.ok) return leaveLastWords(io, redis.error);
  const logger = createLogger({ level: options.logLevel as LogLevel, name: 'serve' });
  const member = options.member === true ? await joinProcesses(logger) : undefined;
  const common = { access: access.value, redis: redis.value, logger };
  if (member !== undefined) return serveBeside(io, options, { ...common, member });
  const plan = await planServing(io, options);
  if (!plan.ok) return leaveLastWords(io, plan.error);
  if (options.dryRun === true) return printPlan(io, plan.value);
  const started = await start(io, options, { ...common, plan: plan.value });
  if (!started.ok) return leaveLastWords(io, started.error);
  const server = started.value;
  logListening(logger, server, plan.value);
  const failure = await loadingFailure(server, plan.value, options);
  if (failure !== undefined) return leaveLastWords(io, failure);
  logger.info({ startedMs: Math.round(performance.now()) }, 'ready');
  const group = await startProcesses(server, options.processes as Processes, logger);
  await untilAborted(io.signal);
  logger.info('draining');
  await (group ?? server).drain({ lingerMs: LINGER_MS, graceMs: DRAIN_GRACE_MS });
  logger.info('stopped');
  return 0;
};

/** Another process of a pod. The container's last words are the first one's alone. */
async function serveBeside(
  io: CommandIo,
  options: OptionValues,
  parts: Omit<Parts, 'plan'> & { readonly member: Member },
): Promise<ExitCode> {
  const plan = await planMember(io, options, parts.member);
  if (!plan.ok) return reportProblem(io, plan.error);
  const started = await start(io, options, { ...parts, plan: plan.value });
  if (!started.ok) return reportProblem(io, started.error);
  const failure = await loadingFailure(started.value, plan.value, options);
  if (failure !== undefined) return reportProblem(io, failure);
  await parts.member.serve(started.value);
  return 0;
}
