import type { Clock, Random } from '../../base/index.js';
import type { ApiRequest, ApiResponse, Transport } from '../../kube/index.js';
import { bootstrap } from './bootstrap.js';
import { createKindRegistry } from './kinds/registry.js';
import { handle } from './server/handler.js';
import { createAuthenticator, type Token } from './server/user.js';
import type { Storage } from './storage/storage.js';
import { openStore } from './storage/store.js';
import type { Core, PodLogs } from './verbs/call.js';
import { createEventExpiry } from './verbs/eventExpiry.js';
import { followDefinitions, restoreDefinitions } from './verbs/definitions.js';

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  /** Who may come in over the network; none: every caller is the administrator. */
  readonly tokens?: readonly Token[];
  /** IPv4 range of Services' cluster addresses. */
  readonly serviceCidr?: string;
  readonly podLogs?: PodLogs;
}

/** A Kubernetes API in this process; `listen` puts it on a socket. */
export interface ApiServer extends Transport {
  /** Makes every resourceVersion before now too old to watch from, as etcd's compaction does. */
  compact(): void;
  /** Ends every watch and the use of the storage; requests after it fail. */
  close(): Promise<void>;
}

export const DEFAULT_SERVICE_CIDR = '127.96.0.0/16';

export function createApiServer(options: ApiServerOptions): ApiServer {
  const store = openStore(options.storage);
  const expireEvents = createEventExpiry();
  const core: Core = {
    store,
    kinds: createKindRegistry(),
    clock: options.clock,
    random: options.random,
    serviceCidr: options.serviceCidr ?? DEFAULT_SERVICE_CIDR,
    podLogs: options.podLogs,
    openWatches: new Set(),
    committed(row, object, removed) {
      followDefinitions(core, row, object, removed);
      if (row.storageKey === 'events' && !removed) expireEvents(core);
    },
  };
  bootstrap(core);
  restoreDefinitions(core);
  const authenticate = createAuthenticator(options.tokens ?? []);
  return {
    send: (request: ApiRequest): Promise<ApiResponse> => handle({ core, authenticate }, request),
    compact: () => store.compact(),
    close() {
      for (const end of [...core.openWatches]) end();
      return store.close();
    },
  };
}
