/** `gantry local`: a cluster on this machine. `npm start` is this with the samples. */
import { mkdirSync, openSync, statSync, truncateSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { ModelDeployment } from '../../api/index.js';
import {
  createLogger,
  digestOfBytes,
  type Logger,
  type LogLevel,
  systemClock,
  systemRandom,
} from '../../base/index.js';
import type { Client } from '../../kube/index.js';
import { type LocalImage, lmdbStorage } from '../../local/index.js';
import type { OperatorConfig } from '../../operator/index.js';
import { type CommandIo, untilAborted } from '../io.js';
import { type Cluster, startCluster } from '../local/cluster.js';
import { type Home, type Instance, openHome } from '../local/home.js';
import { gantryImage, redisImage } from '../local/images.js';
import { findKubectl } from '../local/kubectl.js';
import { applyManifests, createManifests, readManifestFolder, readManifests } from '../local/manifests.js';
import { claimAddressBlock } from '../local/network.js';
import { createProgress, type Progress } from '../local/progress.js';
import { awaitReady } from '../local/readiness.js';
import { formatReport } from '../local/report.js';
import { packageRoot, packageVersion } from '../version.js';
import type { CommandRunner, OptionValues } from '../command.js';

const REDIS_URL = 'redis://gantry-redis.gantry-system.svc:6379';
const LOG_LIMIT_BYTES = 16 * 2 ** 20;

async function isInstalled(program: string, searchPath: string): Promise<boolean> {
  const candidates = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    candidates.map((folder) =>
      access(path.join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** The cluster's own log goes to a file: the terminal is for the user. Starts anew when it has grown large. */
function openLog(home: Home, level: LogLevel): { readonly logger: Logger; readonly file: string } {
  const file = home.file('cluster.log');
  mkdirSync(path.dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) truncateSync(file);
  // Opened here and now: a program that ends at once could not flush a file that is still being opened.
  const destination = pino.destination({ dest: openSync(file, 'a', 0o600), sync: false });
  return { logger: createLogger({ level, name: 'local', destination }), file };
}

function operatorConfig(withRedis: boolean): OperatorConfig {
  return Object.freeze({
    image: `gantry:${packageVersion()}`,
    urlTemplate: 'http://{clusterIP}:{port}',
    preStopSeconds: 1,
    workers: 4,
    identity: `${os.hostname()}_${process.pid}`,
    ...(withRedis ? { managedRedisUrl: REDIS_URL } : {}),
  });
}

async function install(
  client: Client,
  options: OptionValues,
  instance: Instance | undefined,
  withRedis: boolean,
) {
  const manifests = (...parts: readonly string[]) => path.join(packageRoot(), 'manifests', ...parts);
  await applyManifests(client, await readManifests(manifests('crd.yaml')));
  if (withRedis) {
    await applyManifests(client, await readManifests(manifests('namespace.yaml')));
    await applyManifests(client, await readManifests(manifests('redis.yaml')));
  }
  const wantsSamples = options.samples !== false && instance?.hasSamples !== true;
  if (wantsSamples) await createManifests(client, await readManifestFolder(manifests('samples')));
}

interface Setting {
  readonly home: Home;
  readonly models: string;
  readonly withRedis: boolean;
  readonly hasRedis: boolean;
}

async function settingFrom(io: CommandIo, options: OptionValues): Promise<Setting> {
  const models = path.resolve(io.workingDirectory, options.models as string);
  const home = openHome(path.resolve(io.workingDirectory, options.home as string));
  const hasRedis = await isInstalled('redis-server', io.environment.PATH ?? '');
  const withRedis =
    hasRedis && options.redis !== false && options.nodes !== false && options.operator !== false;
  return { home, models, hasRedis, withRedis };
}

function imagesFor(io: CommandIo, options: OptionValues, models: string): readonly LocalImage[] | undefined {
  return options.nodes === false ? undefined : [gantryImage(models), redisImage(io.environment.PATH ?? '')];
}

async function start(
  io: CommandIo,
  options: OptionValues,
  setting: Setting,
  logger: Logger,
): Promise<Cluster> {
  const { home, models, withRedis } = setting;
  // First of all: a second instance on this folder is refused here, before it touches anything.
  const storage = lmdbStorage(home.file('state'));
  const instance = home.readInstance();
  const startBlock = Number.parseInt(
    digestOfBytes(home.folder).slice('sha256:'.length, 'sha256:'.length + 4),
    16,
  );
  const addresses = await claimAddressBlock(instance?.block, startBlock);
  const wantedPort = options.port as number;
  const cluster = await startCluster({
    home,
    storage,
    addresses,
    port: wantedPort === 0 ? (instance?.port ?? 0) : wantedPort,
    images: imagesFor(io, options, models),
    machineEnv: { PATH: io.environment.PATH ?? '', HOME: home.folder },
    prepare: (client) => install(client, options, instance, withRedis),
    operator: options.operator === false ? undefined : operatorConfig(withRedis),
    clock: systemClock,
    random: systemRandom,
    logger,
  });
  home.writeInstance({
    block: addresses.number,
    port: cluster.port,
    hasSamples: options.samples !== false || instance?.hasSamples === true,
  });
  return cluster;
}

function redisRemark({ hasRedis, withRedis }: Setting): string {
  if (withRedis) return '';
  return hasRedis
    ? 'in each pod alone: Redis was not asked for'
    : 'in each pod alone: redis-server is not installed (Debian and Ubuntu: sudo apt-get install redis-server)';
}

async function waitForModels(
  cluster: Cluster,
  io: CommandIo,
  progress: Progress,
): Promise<ModelDeployment[]> {
  return Promise.race([
    awaitReady({
      client: cluster.client,
      clock: systemClock,
      signal: io.signal,
      tell: (text) => progress.update(text),
    }),
    cluster.failed,
  ]);
}

export const run: CommandRunner = async (io, options) => {
  const progress = createProgress(io.stderr, systemClock);
  const setting = await settingFrom(io, options);
  const { logger, file } = openLog(setting.home, options.logLevel as LogLevel);
  progress.update('starting the cluster');
  const cluster = await start(io, options, setting, logger).finally(() => progress.stop());
  try {
    const runsModels = options.nodes !== false && options.operator !== false;
    const models = runsModels ? await waitForModels(cluster, io, progress) : [];
    progress.stop();
    if (!io.signal.aborted) {
      io.stdout.write(
        formatReport({
          seconds: performance.now() / 1000,
          kubeconfig: path.relative(io.workingDirectory, cluster.kubeconfig) || cluster.kubeconfig,
          kubectl: await findKubectl(io.workingDirectory),
          models,
          withoutRedis: runsModels ? redisRemark(setting) : '',
          logFile: path.relative(io.workingDirectory, file),
        }),
      );
      await Promise.race([untilAborted(io.signal), cluster.failed]);
    }
  } finally {
    progress.update('stopping: every process of the cluster ends first');
    await cluster.stop();
    progress.stop();
  }
  return 0;
};
