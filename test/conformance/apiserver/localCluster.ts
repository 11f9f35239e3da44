/** A fresh cluster for one scenario: the API server and its controllers in this process under a virtual clock. */
import { seededRandom, silentLogger } from '../../../src/base/index.js';
import { createClient } from '../../../src/kube/index.js';
import {
  type ApiServer,
  createApiServer,
  createControllers,
  memoryStorage,
} from '../../../src/local/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { asRecorded, type Cluster } from './cluster.js';

const TOKEN = 'corpus-token';

export async function startLocalCluster(): Promise<Cluster> {
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
    send(request, signal) {
      const { headers, body } = asRecorded(request);
      return server.send({
        method: request.method as 'GET',
        path: request.path,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    pass: (milliseconds) => clock.advance(milliseconds),
    settle: () => clock.settle(),
    compact: () => server.compact(),
    async close() {
      await stop();
      await server.close();
    },
  };
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
