/** Histories of the operator behind a bad network: whatever happens on the way, the end is the declared state. */
import { FIELD_MANAGER, type ModelDeployment } from '../../src/api/index.js';
import { seededRandom, silentLogger } from '../../src/base/index.js';
import { createMetricsRegistry } from '../../src/base/metrics/index.js';
import { createClient, type KubeObject, resourceTypes } from '../../src/kube/index.js';
import { createOperator } from '../../src/operator/index.js';
import { CHILD_TYPES, modelDeployments } from '../../src/operator/kinds.js';
import type { ObservedDeployment } from '../../src/operator/plan/observed.js';
import { faultyTransport } from '../support/faultyTransport.js';
import { DIGEST_2, manifest } from '../support/modelDeployments.js';
import { operatorConfig } from '../support/operatorCluster.js';
import { simulatedCluster, type SimulatedCluster } from '../support/simulatedCluster.js';

const at = { namespace: 'default', name: 'volatility' };

interface Process {
  /** Ends it without a chance to clean up: nothing it sends from now on arrives. */
  kill(): Promise<void>;
  readonly requests: readonly string[];
}

/** An operator process behind a network that fails as long as `active` says so. */
function startProcess(
  cluster: SimulatedCluster,
  seed: number,
  active: () => boolean,
  leader: boolean,
): Process {
  const { clock } = cluster;
  const random = seededRandom(seed);
  let alive = true;
  const faulty = faultyTransport(cluster.server, { clock, random, rate: 0.2, active });
  const requests: string[] = [];
  const transport: typeof faulty = {
    send(request) {
      if (!alive) return Promise.reject(new Error('the process is dead'));
      requests.push(`${request.method} ${request.path}`);
      return faulty.send(request);
    },
  };
  const stop = new AbortController();
  const leaderElection = { namespace: 'kube-system', name: 'gantry-operator' };
  const operator = createOperator({
    client: createClient({ transport, fieldManager: FIELD_MANAGER, clock, logger: silentLogger }),
    clock,
    random,
    logger: silentLogger,
    metrics: createMetricsRegistry(),
    config: { ...operatorConfig, identity: `operator-${seed}`, ...(leader && { leaderElection }) },
  });
  const running = operator.run(stop.signal);
  return {
    requests,
    async kill() {
      alive = false;
      stop.abort();
      await clock.advance(1);
      void running;
    },
  };
}

/** The Deployment's controller, simplified: at each step all pods are as wanted and ready. */
async function pods({ admin }: SimulatedCluster): Promise<void> {
  const deployment = await admin
    .get<ObservedDeployment>(resourceTypes.deployments, at)
    .catch(() => undefined);
  if (deployment === undefined) return;
  const replicas = deployment.spec?.replicas ?? 1;
  const counts = {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  };
  const status = { observedGeneration: deployment.metadata.generation, ...counts };
  await admin.patch(resourceTypes.deployments, at, { status }, { type: 'merge', subresource: 'status' });
}

async function live({ clock, ...cluster }: SimulatedCluster, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    await clock.advance(1_000);
    await pods({ clock, ...cluster });
  }
}

/** Kinds, names and specs of all that is there, without what differs between two histories (uids, times, addresses). */
async function outcome({ admin }: SimulatedCluster): Promise<unknown> {
  const { status } = await admin.get<ModelDeployment & KubeObject>(modelDeployments, at);
  const children = await Promise.all(
    CHILD_TYPES.map((type) =>
      admin.list(type, { namespace: 'default', labelSelector: 'gantry.dev/modeldeployment' }),
    ),
  );
  return {
    phase: status?.phase,
    ready: status?.ready,
    model: status?.model,
    children: children
      .flatMap(({ items }) => items.map((item) => `${item.kind} ${item.metadata.name}`))
      .sort(),
  };
}

interface History {
  readonly end: unknown;
  /** What the operator asked for, in order. */
  readonly requests: readonly string[];
}

async function history(seed: number, faults: boolean): Promise<History> {
  const cluster = await simulatedCluster(seed);
  let active = faults;
  const first = startProcess(cluster, seed, () => active, false);
  await cluster.admin.create(modelDeployments, manifest({ spec: { replicas: 2 } }));
  await live(cluster, 20_000);
  const spec = { model: { version: '2', digest: DIGEST_2 }, replicas: 3 };
  await cluster.admin.patch(modelDeployments, at, { spec }, { type: 'merge' });
  await cluster.clock.advance((seed * 37) % 400);
  await first.kill();
  await cluster.admin.delete(resourceTypes.services, at).catch(() => undefined);
  const second = startProcess(cluster, seed + 1_000, () => active, false);
  await live(cluster, 30_000);
  active = false;
  await live(cluster, 60_000);
  const end = await outcome(cluster);
  await second.kill();
  return { end, requests: [...first.requests, ...second.requests] };
}

describe('the operator behind a bad network', () => {
  let faultless: History;

  beforeAll(async () => {
    faultless = await history(0, false);
  });

  test.each([1, 2, 3, 4, 5])('ends where it would have without faults (seed %i)', async (seed) => {
    const { end, requests } = await history(seed, true);
    expect(end).toEqual(faultless.end);
    expect(requests.length).toBeGreaterThan(faultless.requests.length);
  });

  test('has one history for one seed', async () => {
    expect((await history(3, true)).requests).toEqual((await history(3, true)).requests);
  });
});

test('when the leader dies, another operator takes over', async () => {
  const cluster = await simulatedCluster();
  const first = startProcess(cluster, 1, () => false, true);
  await cluster.clock.advance(5_000);
  const second = startProcess(cluster, 2, () => false, true);
  await cluster.admin.create(modelDeployments, manifest());
  await live(cluster, 5_000);
  await first.kill();
  await cluster.admin.patch(modelDeployments, at, { spec: { replicas: 4 } }, { type: 'merge' });
  await live(cluster, 40_000);
  expect(await outcome(cluster)).toMatchObject({ phase: 'Ready', ready: '4/4' });
  await second.kill();
});
