/** An API server in this process under a virtual clock, with a record of the requests each client makes. */
import { seededRandom, silentLogger } from '../../src/base/index.js';
import { customResourceDefinition } from '../../src/api/index.js';
import {
  type ApiRequest,
  type Client,
  createClient,
  resourceTypes,
  type Transport,
} from '../../src/kube/index.js';
import { type ApiServer, createApiServer, memoryStorage } from '../../src/local/apiserver/index.js';
import { VirtualClock } from './virtualClock.js';

export interface RecordedRequest {
  readonly method: ApiRequest['method'];
  /** With its query string. */
  readonly path: string;
  /** HTTP status of the answer. */
  readonly status: number;
}

export interface SimulatedCluster {
  readonly clock: VirtualClock;
  readonly server: ApiServer;
  /** What a user does: it is not recorded. */
  readonly admin: Client;
  /** A client whose requests are recorded. */
  client(fieldManager: string): Client;
  /** Every request of the recorded clients so far. */
  readonly requests: readonly RecordedRequest[];
  /** Lets virtual time pass until the check holds; throws when it does not within `limitMs`. */
  eventually(check: () => Promise<boolean>, limitMs?: number): Promise<void>;
}

const STEP_MS = 50;

/** A cluster that knows ModelDeployments. */
export async function simulatedCluster(seed = 1): Promise<SimulatedCluster> {
  const clock = new VirtualClock();
  const server = createApiServer({ clock, random: seededRandom(seed), storage: memoryStorage() });
  const requests: RecordedRequest[] = [];
  const recording: Transport = {
    async send(request) {
      const answer = await server.send(request);
      requests.push({ method: request.method, path: request.path, status: answer.status });
      return answer;
    },
  };
  const admin = createClient({ transport: server, fieldManager: 'kubectl', clock, logger: silentLogger });
  await admin.create(resourceTypes.customResourceDefinitions, customResourceDefinition());
  const cluster: SimulatedCluster = {
    clock,
    server,
    admin,
    requests,
    client: (fieldManager) =>
      createClient({ transport: recording, fieldManager, clock, logger: silentLogger }),
    async eventually(check, limitMs = 60_000) {
      for (let waited = 0; !(await check()); waited += STEP_MS) {
        if (waited >= limitMs) throw new Error(`not within ${limitMs} virtual ms: ${String(check)}`);
        await clock.advance(STEP_MS);
      }
    },
  };
  return cluster;
}
