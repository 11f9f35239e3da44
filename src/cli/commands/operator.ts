/** `gantry operator`: the controller, in a cluster or beside one. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FIELD_MANAGER } from '../../api/index.js';
import { createLogger, type LogLevel, systemClock, systemRandom } from '../../base/index.js';
import { createMetricsRegistry, exposeProcess } from '../../base/metrics/index.js';
import { createClient, type HttpTransportOptions, httpTransport } from '../../kube/index.js';
import { createOperator, type OperatorConfig } from '../../operator/index.js';
import type { CommandIo } from '../io.js';
import { listenForMetrics } from '../metricsServer.js';
import type { CommandRunner, OptionValues } from '../command.js';
import { packageVersion } from '../version.js';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** A pod's own account, unless a kubeconfig is named; outside a cluster ~/.kube/config, as kubectl has it. */
function accessFrom(io: CommandIo, options: OptionValues): HttpTransportOptions['access'] {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = io.environment;
  if (typeof options.kubeconfig === 'string') {
    return { kubeconfig: { path: path.resolve(io.workingDirectory, options.kubeconfig) } };
  }
  if (host !== undefined && port !== undefined) return { inCluster: { host, port } };
  return { kubeconfig: { path: path.join(os.homedir(), '.kube', 'config') } };
}

/** Where the Lease lives: the operator's own namespace, which a pod finds beside its token. */
function ownNamespace(io: CommandIo): string {
  if (io.environment.POD_NAMESPACE !== undefined) return io.environment.POD_NAMESPACE;
  try {
    return readFileSync(path.join(SERVICE_ACCOUNT, 'namespace'), 'utf8').trim();
  } catch {
    return 'default';
  }
}

function configFrom(io: CommandIo, options: OptionValues): OperatorConfig {
  const election =
    options.leaderElect === false
      ? {}
      : { leaderElection: { namespace: ownNamespace(io), name: 'gantry-operator' } };
  return Object.freeze({
    image: options.image as string,
    urlTemplate: options.urlTemplate as string,
    preStopSeconds: options.preStopSeconds as number,
    workers: options.workers as number,
    identity: `${os.hostname()}_${process.pid}`,
    ...election,
    ...(typeof options.redisUrl === 'string' ? { managedRedisUrl: options.redisUrl } : {}),
    ...(typeof options.namespace === 'string' ? { namespace: options.namespace } : {}),
  });
}

export const run: CommandRunner = async (io, options) => {
  const logger = createLogger({ level: options.logLevel as LogLevel, name: 'operator' });
  const metrics = createMetricsRegistry();
  exposeProcess(metrics, packageVersion());
  const transport = await httpTransport({ access: accessFrom(io, options), clock: systemClock });
  const client = createClient({
    transport,
    clock: systemClock,
    fieldManager: FIELD_MANAGER,
    userAgent: 'gantry-operator',
    metrics,
  });
  const config = configFrom(io, options);
  const operator = createOperator({
    client,
    clock: systemClock,
    random: systemRandom,
    logger,
    metrics,
    config,
  });
  const server = await listenForMetrics({
    host: options.host as string,
    port: options.metricsPort as number,
    metrics,
    isReady: () => operator.isReady(),
  });
  try {
    await operator.run(io.signal);
  } finally {
    await server.close();
  }
  return io.signal.aborted ? 0 : 1; // a lost lease ends the process, and Kubernetes starts another
};
