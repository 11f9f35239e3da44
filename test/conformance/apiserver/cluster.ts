/** A fresh cluster for one scenario: the API server and its controllers in this process under a virtual clock. */
import { seededRandom, silentLogger } from '../../../src/base/index.js';
import { type ApiResponse, createClient } from '../../../src/kube/index.js';
import {
  type ApiServer,
  createApiServer,
  createControllers,
  memoryStorage,
} from '../../../src/local/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import type { RecordedRequest } from './corpus.js';

const TOKEN = 'corpus-token';

export interface Cluster {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  send(request: RecordedRequest, signal?: AbortSignal): Promise<ApiResponse>;
  close(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom(1);
  const server = createApiServer({
    clock,
    random,
    storage: memoryStorage(),
    tokens: [
      { token: TOKEN, user: { name: 'recorder', groups: ['system:masters', 'system:authenticated'] } },
    ],
    serviceCidr: '10.96.0.0/16',
  });
  const stop = startControllers(server, clock);
  await clock.settle();
  return {
    server,
    clock,
    send(request, signal) {
      const headers: Record<string, string> = {
        'user-agent': 'corpus/1.0',
        authorization: `Bearer ${TOKEN}`,
      };
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const body = request.bodyText ?? (request.body === undefined ? undefined : spacedJson(request.body));
      return server.send({
        method: request.method as 'GET',
        path: request.path,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    async close() {
      await stop();
      await server.close();
    },
  };
}

/** JSON as the recorder wrote it: some refusals show the beginning of a body. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spacedJson(item)}`);
  return `{${fields.join(', ')}}`;
}

/** kube-controller-manager's part. Returns how to stop it. */
function startControllers(server: ApiServer, clock: VirtualClock): () => Promise<void> {
  const transport = {
    send: (request: Parameters<ApiServer['send']>[0]) =>
      server.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${TOKEN}` } }),
  };
  const client = createClient({
    transport,
    clock,
    fieldManager: 'kube-controller-manager',
    logger: silentLogger,
  });
  const abort = new AbortController();
  const running = createControllers({ client, clock, random: seededRandom(2), logger: silentLogger }).run(
    abort.signal,
  );
  return async () => {
    abort.abort();
    await clock.settle();
    await Promise.race([running, clock.advance(60_000)]);
  };
}
