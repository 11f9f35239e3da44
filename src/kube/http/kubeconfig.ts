import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, problem, ProblemError } from '../../base/index.js';
import { type Access, bearer, type TlsMaterial } from './access.js';

/** clientcmd/v1 Config, as far as it is read here. */
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context?: KubeContext }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster?: Fields }[];
  readonly users?: readonly { readonly name: string; readonly user?: Fields }[];
}

interface KubeContext {
  readonly cluster?: string;
  readonly user?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const PLAIN_CLUSTER = [
  'server',
  'certificate-authority',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'disable-compression',
  'extensions',
];
const PLAIN_USER = [
  'token',
  'tokenFile',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
];

/**
 * The access a kubeconfig file describes when it takes no more than tokens, certificates and files; undefined when it
 * takes a plugin, a proxy or the like. Throws a ProblemError when it cannot be read or names what it does not have.
 */
export async function readPlainKubeconfig(path: string, context?: string): Promise<Access | undefined> {
  const config = await parse(path);
  const contextName = context ?? config['current-context'] ?? '';
  const { cluster: clusterName, user: userName } =
    find(config.contexts, contextName, 'context', path).context ?? {};
  const cluster = find(config.clusters, clusterName ?? '', 'cluster', path).cluster ?? {};
  const user = userName === undefined ? {} : (find(config.users, userName, 'user', path).user ?? {});
  if (!hasOnly(cluster, PLAIN_CLUSTER) || !hasOnly(user, PLAIN_USER)) return undefined;

  const text = (fields: Fields, name: string) => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const material = async (fields: Fields, name: string) => {
    const data = text(fields, `${name}-data`);
    if (data !== undefined) return Buffer.from(data, 'base64');
    const file = text(fields, name);
    return file === undefined ? undefined : readSecretFile(resolve(dirname(path), file));
  };
  const server = serverUrl(text(cluster, 'server'), path);
  const tls: TlsMaterial = {
    ca: await material(cluster, 'certificate-authority'),
    cert: await material(user, 'client-certificate'),
    key: await material(user, 'client-key'),
    servername: text(cluster, 'tls-server-name'),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] === true ? false : undefined,
  };
  const tokenFile = text(user, 'tokenFile');
  const token =
    tokenFile === undefined
      ? text(user, 'token')
      : (await readSecretFile(resolve(dirname(path), tokenFile))).toString('utf8');
  return { server, headers: token === undefined ? {} : bearer(token), tls };
}

async function parse(path: string): Promise<Kubeconfig> {
  const text = (await readSecretFile(path)).toString('utf8');
  const { load } = await import('js-yaml');
  let value: unknown;
  try {
    value = load(text);
  } catch (error) {
    throw invalid(path, `not YAML: ${messageOf(error).split('\n')[0] ?? ''}`);
  }
  if (typeof value !== 'object' || value === null) throw invalid(path, 'not a kubeconfig');
  return value;
}

function find<T extends { readonly name: string }>(
  entries: readonly T[] | undefined,
  name: string,
  what: string,
  path: string,
): T {
  const entry = (entries ?? []).find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw invalid(path, name === '' ? `names no ${what}` : `has no ${what} "${name}"`);
}

function serverUrl(server: string | undefined, path: string): URL {
  if (server === undefined || !URL.canParse(server))
    throw invalid(path, 'the cluster\u2019s server is not a URL');
  return new URL(server);
}

function hasOnly(fields: Fields, allowed: readonly string[]): boolean {
  return Object.keys(fields).every((name) => allowed.includes(name));
}

function invalid(path: string, message: string): ProblemError {
  return new ProblemError(problem('InvalidKubeconfig', path, message, 'name another file with --kubeconfig'));
}

/** A file that shows who we are, with an error that says which one is missing. */
export async function readSecretFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw new ProblemError(
      problem(
        'UnreadableFile',
        path,
        `cannot be read (${code})`,
        'check that it exists and that you may read it',
      ),
      { cause: error },
    );
  }
}
