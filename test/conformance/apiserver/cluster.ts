/** A fresh cluster for one scenario: the API server in this process under a virtual clock. */
import { seededRandom } from '../../../src/base/index.js';
import type { ApiResponse } from '../../../src/kube/index.js';
import { type ApiServer, createApiServer, memoryStorage } from '../../../src/local/apiserver/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import type { RecordedRequest } from './corpus.js';

export const TOKEN = 'corpus-token';

export interface Cluster {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  send(request: RecordedRequest, signal?: AbortSignal): Promise<ApiResponse>;
  close(): Promise<void>;
}

export function startCluster(): Cluster {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const server = createApiServer({
    clock,
    random: seededRandom(1),
    storage: memoryStorage(),
    tokens: [
      { token: TOKEN, user: { name: 'recorder', groups: ['system:masters', 'system:authenticated'] } },
    ],
    serviceCidr: '10.96.0.0/16',
  });
  return {
    server,
    clock,
    send(request, signal) {
      const headers: Record<string, string> = {
        'user-agent': 'corpus/1.0',
        authorization: `Bearer ${TOKEN}`,
      };
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const body =
        request.bodyText ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
      return server.send({
        method: request.method as 'GET',
        path: request.path,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    close: () => server.close(),
  };
}
