import { type Clock, type Logger, type MetricsRegistry, silentLogger } from '../../base/index.js';
import type { KubeList, KubeObject, ResourceType } from '../object.js';
import { apiVersionOf } from '../resourceTypes.js';
import type { ApiRequest, Transport } from '../transport.js';
import type { CallOptions, Client, PatchOptions } from './contract.js';
import { createExchange } from './exchange.js';
import { type Place, queryString, resourcePath } from './path.js';
import { watchEvents } from './watchStream.js';

/** An API server gives up on a request after a minute itself. */
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
/** How long a watch lives when its caller does not say: within the server's own 30 to 60 minutes. */
const DEFAULT_WATCH_SECONDS = 1_800;

const PATCH_MEDIA_TYPES: Readonly<Record<PatchOptions['type'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export interface ClientOptions {
  readonly transport: Transport;
  /** Names this program in `managedFields`. */
  readonly fieldManager: string;
  /** The field manager when not given. */
  readonly userAgent?: string;
  /** Measures deadlines. */
  readonly clock: Clock;
  /** Until the whole answer of a request is there, or the head of a watch's; a minute when not given. */
  readonly requestTimeoutMs?: number;
  readonly logger?: Logger;
  readonly metrics?: MetricsRegistry;
}

type Query = Parameters<typeof queryString>[0];

interface Call {
  readonly method: ApiRequest['method'];
  readonly place: Place;
  readonly query?: Query;
  readonly body?: unknown;
  readonly mediaType?: string;
}

export function createClient(options: ClientOptions): Client {
  const { fieldManager } = options;
  const exchange = createExchange({
    transport: options.transport,
    userAgent: options.userAgent ?? fieldManager,
    clock: options.clock,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics,
  });

  const call = async <T>(type: ResourceType, what: Call, { signal }: CallOptions = {}): Promise<T> =>
    JSON.parse(await exchange.call(toRequest(type, what, signal))) as T;

  const patch: Client['patch'] = (type, ref, body, opts) => {
    const query = { fieldManager, force: opts.type === 'apply' && opts.force === true ? true : undefined };
    const place = { ...ref, subresource: opts.subresource };
    const mediaType = PATCH_MEDIA_TYPES[opts.type];
    return call(type, { method: 'PATCH', place, query, body, mediaType }, opts);
  };

  return {
    get: (type, ref, opts) => call(type, { method: 'GET', place: ref }, opts),
    async list<T extends KubeObject>(type: ResourceType, opts: Parameters<Client['list']>[1] = {}) {
      const { namespace, signal, ...query } = opts;
      const list = await call<KubeList<T>>(type, { method: 'GET', place: { namespace }, query }, { signal });
      return { ...list, items: (list.items ?? []).map((item) => withType(item, type)) };
    },
    watch<T extends KubeObject>(type: ResourceType, opts: Parameters<Client['watch']>[1]) {
      const { namespace, signal, allowBookmarks, timeoutSeconds = DEFAULT_WATCH_SECONDS, ...rest } = opts;
      const query = { ...rest, watch: true, allowWatchBookmarks: allowBookmarks ?? true, timeoutSeconds };
      const request = toRequest(type, { method: 'GET', place: { namespace }, query }, signal);
      return watchEvents<T>(exchange.stream(request, timeoutSeconds * 1000));
    },
    create(type, object, opts) {
      const place = { namespace: object.metadata.namespace };
      return call(type, { method: 'POST', place, query: { fieldManager }, body: object }, opts);
    },
    update(type, object, opts = {}) {
      const { namespace, name } = object.metadata;
      const place = { namespace, name, subresource: opts.subresource };
      return call(type, { method: 'PUT', place, query: { fieldManager }, body: object }, opts);
    },
    patch,
    apply(type, object, opts = {}) {
      const { namespace, name } = object.metadata;
      return patch(type, { namespace, name }, object, { ...opts, type: 'apply' });
    },
    async delete(type, ref, { signal, ...deletion } = {}) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...deletion };
      await call(type, { method: 'DELETE', place: ref, body }, { signal });
    },
    raw: (request) => exchange.send(request),
  };
}

function toRequest(type: ResourceType, what: Call, signal: AbortSignal | undefined): ApiRequest {
  const path = resourcePath(type, what.place) + queryString(what.query ?? {});
  const ending = signal === undefined ? {} : { signal };
  if (what.body === undefined) return { method: what.method, path, headers: {}, ...ending };
  const headers = { 'content-type': what.mediaType ?? 'application/json' };
  return { method: what.method, path, headers, body: JSON.stringify(what.body), ...ending };
}

/** Lists of built-in kinds leave apiVersion and kind out of their items. */
function withType<T extends KubeObject>(item: T, type: ResourceType): T {
  return { ...item, apiVersion: apiVersionOf(type), kind: type.kind };
}
