/** The URL of a Redis: one server, a master that Sentinels name, or a Cluster. See docs/cache.md for the forms. */
import { fail, ok, type Problem, problem, type Result } from '../../base/index.js';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

export interface RedisLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** How a Redis is reached. Holds secrets: never logged. */
export type RedisTarget = RedisLogin & { readonly tls: boolean } & (
    | { readonly kind: 'single'; readonly address: RedisAddress; readonly database: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly RedisAddress[];
        /** What the Sentinels call the master. */
        readonly service: string;
        readonly database: number;
        readonly sentinelLogin: RedisLogin;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] }
  );

const FORMS =
  'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], redis+sentinel://[USER:PASSWORD@]HOST[:PORT],…/SERVICE[/DATABASE] or ' +
  'redis+cluster://[USER:PASSWORD@]HOST[:PORT],…; rediss in place of redis for TLS';

const SCHEME = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(.*)$/is;
const PARTS = /^(?:([^@/?#]*)@)?([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/s;
const HOST = /^(?:\[([0-9a-f:.]+)\]|([-._a-z0-9]+))(?::(\d{1,5}))?$/i;

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;
const MAX_ADDRESSES = 64;
const MAX_DATABASE = 65_535;

/** Says what is wrong without quoting the URL, which may hold a password. */
class Invalid extends Error {}

/** The problem's place is `place`: the URL may hold a secret, and is in no message. */
export function parseRedisUrl(url: string, place: string): Result<RedisTarget, Problem> {
  try {
    return ok(targetOf(url.trim()));
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return fail(problem('InvalidRedisUrl', place, error.message, FORMS));
  }
}

function targetOf(url: string): RedisTarget {
  const [, scheme = '', topology, rest = ''] = SCHEME.exec(url) ?? [];
  if (scheme === '') throw new Invalid('the URL does not begin with the scheme of a Redis');
  const parts = PARTS.exec(rest);
  if (parts === null || parts[2]?.includes('@') === true) {
    throw new Invalid(
      'the URL has no host, or a character that must be percent-encoded (@ is %40, / %2F, # %23)',
    );
  }
  const [, login, hosts = '', path = '', query = ''] = parts;
  const common = { ...loginOf(login), tls: scheme.toLowerCase() === 'rediss' };
  const segments = path.split('/').slice(1).map(decoded);
  if (segments.at(-1) === '') segments.pop();
  switch (topology?.toLowerCase()) {
    case 'sentinel':
      return { ...common, ...sentinelsOf(hosts, segments, query) };
    case 'cluster':
      if (segments.length > 0)
        throw new Invalid('a Cluster has no databases to choose from: leave the path out');
      refuseParameters(query);
      return { ...common, kind: 'cluster', nodes: addressesOf(hosts, REDIS_PORT) };
    default:
      refuseParameters(query);
      return { ...common, kind: 'single', ...singleOf(hosts, segments) };
  }
}

function singleOf(hosts: string, segments: readonly string[]) {
  const [address, another] = addressesOf(hosts, REDIS_PORT);
  if (address === undefined || another !== undefined) {
    throw new Invalid('several hosts are for redis+sentinel:// and redis+cluster://');
  }
  return { address, database: databaseOf(segments) };
}

function sentinelsOf(hosts: string, [service, ...more]: readonly string[], query: string) {
  if (service === undefined || service === '') {
    throw new Invalid('the name of the master that the Sentinels watch is missing from the path');
  }
  const parameters = new Map(query === '' ? [] : query.split('&').map(parameterOf));
  const sentinelLogin = {
    username: parameters.get('sentinel_username'),
    password: parameters.get('sentinel_password'),
  };
  for (const name of ['sentinel_username', 'sentinel_password']) parameters.delete(name);
  if (parameters.size > 0) {
    throw new Invalid('the only parameters are sentinel_username and sentinel_password');
  }
  return {
    kind: 'sentinel' as const,
    sentinels: addressesOf(hosts, SENTINEL_PORT),
    service,
    database: databaseOf(more),
    sentinelLogin,
  };
}

function parameterOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals === -1
    ? [decoded(text), '']
    : [decoded(text.slice(0, equals)), decoded(text.slice(equals + 1))];
}

function refuseParameters(query: string): void {
  if (query !== '') throw new Invalid('the URL has parameters, which only redis+sentinel:// takes');
}

function databaseOf([text, ...more]: readonly string[]): number {
  if (text === undefined) return 0;
  const database = Number(text);
  if (more.length > 0 || !/^\d{1,5}$/.test(text) || database > MAX_DATABASE) {
    throw new Invalid(`the database must be a number from 0 to ${MAX_DATABASE}`);
  }
  return database;
}

/** `user:password`, `:password` or `user`; `default` is the user of a password alone, as Redis itself has it. */
function loginOf(text: string | undefined): RedisLogin {
  if (text === undefined || text === '') return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  if (colon === -1)
    throw new Invalid('the user has no password: write USER:PASSWORD@, or :PASSWORD@ for the default user');
  const username = decoded(text.slice(0, colon));
  const password = decoded(text.slice(colon + 1));
  if (password === '') throw new Invalid('the password is empty: leave out what is before the @');
  return { username: username === '' ? undefined : username, password };
}

function addressesOf(hosts: string, defaultPort: number): readonly RedisAddress[] {
  const texts = hosts.split(',');
  if (texts.length > MAX_ADDRESSES) throw new Invalid(`there are more than ${MAX_ADDRESSES} hosts`);
  return texts.map((text, index) => {
    const [, bracketed, name, port] = HOST.exec(text) ?? [];
    const host = bracketed ?? name;
    const number = port === undefined ? defaultPort : Number(port);
    if (host === undefined || number < 1 || number > 65_535) {
      throw new Invalid(`host ${index + 1} is not HOST, HOST:PORT or [IPv6]:PORT`);
    }
    return { host, port: number };
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Invalid('a percent sign is not followed by two hexadecimal digits (% itself is %25)');
  }
}
