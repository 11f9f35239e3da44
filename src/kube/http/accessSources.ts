import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Clock, messageOf, problem, ProblemError } from '../../base/index.js';
import { type Access, type AccessSource, bearer } from './access.js';
import { readPlainKubeconfig, readSecretFile } from './kubeconfig.js';

/** As client-go: tokens and certificates on disk are looked at again after a minute. */
const MAX_AGE_MS = 60_000;
/** A plugin or a file is not asked more often because of refusals. */
const MIN_INVALIDATION_MS = 5_000;

export interface InCluster {
  /** KUBERNETES_SERVICE_HOST. */
  readonly host: string;
  /** KUBERNETES_SERVICE_PORT. */
  readonly port: string;
  /** Where the service account is mounted; the usual place when not given. */
  readonly folder?: string;
}

export interface KubeconfigFile {
  readonly path: string;
  /** The file's current one when not given. */
  readonly context?: string | undefined;
}

/** The pod's service account, whose token is renewed on disk. */
export function inClusterAccess(cluster: InCluster, clock: Clock): AccessSource {
  const folder = cluster.folder ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const host = cluster.host.includes(':') ? `[${cluster.host}]` : cluster.host;
  const server = new URL(`https://${host}:${cluster.port}`);
  return rereading(clock, async () => ({
    server,
    headers: bearer((await readSecretFile(join(folder, 'token'))).toString('utf8')),
    tls: { ca: await readSecretFile(join(folder, 'ca.crt')) },
  }));
}

/** A kubeconfig: read here when it is plain, by client-node when it needs a plugin or a proxy. */
export async function kubeconfigAccess(file: KubeconfigFile, clock: Clock): Promise<AccessSource> {
  const plain = await readPlainKubeconfig(file.path, file.context);
  if (plain === undefined) return pluginAccess(file, clock);
  return rereading(clock, async () => (await readPlainKubeconfig(file.path, file.context)) ?? plain);
}

/** Reads again when what was read is a minute old, or was refused; one reading serves all who wait. */
function rereading(clock: Clock, read: () => Promise<Access>): AccessSource {
  let reading: Promise<Access> | undefined;
  let last: Access | undefined;
  let readAt = 0;
  const readOrKeep = async (): Promise<Access> => {
    try {
      last = await read();
    } catch (error) {
      // A file that is being replaced must not cost a request: what was read before may still do.
      if (last === undefined) {
        reading = undefined;
        throw error;
      }
    }
    return last;
  };
  return {
    current() {
      if (reading !== undefined && clock.monotonic() - readAt <= MAX_AGE_MS) return reading;
      readAt = clock.monotonic();
      reading = readOrKeep();
      return reading;
    },
    invalidate() {
      if (clock.monotonic() - readAt >= MIN_INVALIDATION_MS) readAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Exec plugins, OIDC, proxies, impersonation: client-node knows them, at the price of loading it. */
function pluginAccess({ path, context }: KubeconfigFile, clock: Clock): AccessSource {
  let loading: Promise<KubeConfig> | undefined;
  let loadedAt = 0;
  const load = async () => {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromFile(path);
    if (context !== undefined) config.setCurrentContext(context);
    return config;
  };
  return {
    async current() {
      if (loading === undefined) {
        loadedAt = clock.monotonic();
        loading = load();
      }
      try {
        return await accessOf(await loading);
      } catch (error) {
        loading = undefined;
        const remedy = 'run the plugin by hand, or name another file with --kubeconfig';
        const message = `gives no credentials: ${messageOf(error).trim()}`;
        throw new ProblemError(problem('NoCredentials', path, message, remedy), { cause: error });
      }
    },
    invalidate() {
      // A new KubeConfig has no cached token.
      if (clock.monotonic() - loadedAt >= MIN_INVALIDATION_MS) loading = undefined;
    },
  };
}

/** What client-node's `applyToHTTPSOptions` sets. */
interface AppliedOptions {
  headers: Record<string, string>;
  agent?: Access['agent'];
  auth?: string;
  ca?: Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

async function accessOf(config: KubeConfig): Promise<Access> {
  const cluster = config.getCurrentCluster();
  const options: AppliedOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (options.auth !== undefined) {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return {
    server: new URL(cluster?.server ?? ''),
    headers,
    tls: { ca, cert, key, servername, rejectUnauthorized },
    // Without a proxy its agent keeps no connection alive: the transport has a better one.
    agent: cluster?.proxyUrl === undefined ? undefined : options.agent,
  };
}
