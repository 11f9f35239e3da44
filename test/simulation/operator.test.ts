import { type MetricsRegistry, seededRandom, silentLogger } from '../../src/base/index.js';
import { createMetricsRegistry } from '../../src/base/metrics/index.js';
import { FIELD_MANAGER, type ModelDeployment } from '../../src/api/index.js';
import { type Client, type KubeObject, type ResourceType, resourceTypes } from '../../src/kube/index.js';
import { createOperator, type OperatorConfig } from '../../src/operator/index.js';
import { modelDeployments } from '../../src/operator/kinds.js';
import type { ObservedDeployment } from '../../src/operator/plan/observed.js';
import { kstatus } from '../support/kstatus.js';
import { DIGEST_2, manifest } from '../support/modelDeployments.js';
import { operatorConfig } from '../support/operatorCluster.js';
import { simulatedCluster, type SimulatedCluster } from '../support/simulatedCluster.js';

type Stored = ModelDeployment & KubeObject;
const at = { namespace: 'default', name: 'volatility' };

let cluster: SimulatedCluster;
let stop: () => Promise<void>;
let metrics: MetricsRegistry;

function startOperator(config: OperatorConfig = operatorConfig): () => Promise<void> {
  const controller = new AbortController();
  metrics = createMetricsRegistry();
  const operator = createOperator({
    client: cluster.client(FIELD_MANAGER),
    clock: cluster.clock,
    random: seededRandom(7),
    logger: silentLogger,
    metrics,
    config,
  });
  const running = operator.run(controller.signal);
  return async () => {
    controller.abort();
    await cluster.clock.advance(1_000);
    await running;
  };
}

const create = (object: unknown) => cluster.admin.create(modelDeployments, object as KubeObject);
const stored = () => cluster.admin.get<Stored>(modelDeployments, at);
const patchSpec = (spec: object) =>
  cluster.admin.patch<Stored>(modelDeployments, at, { spec }, { type: 'merge' });

async function get<T extends KubeObject>(type: ResourceType, name = at.name): Promise<T | undefined> {
  return cluster.admin.get<T>(type, { ...at, name }).catch(() => undefined);
}

async function reason(condition: string): Promise<string | undefined> {
  const { status } = await stored();
  return status?.conditions?.find(({ type, status: value }) => type === condition && value === 'True')
    ?.reason;
}

const isReady = async () => (await reason('Ready')) === 'RolloutComplete';

/** What the Deployment's controller and a node do: every wanted pod runs the present template and is ready. */
async function rollOut(admin: Client = cluster.admin): Promise<void> {
  const deployment = await admin.get<ObservedDeployment>(resourceTypes.deployments, at);
  const replicas = deployment.spec?.replicas ?? 1;
  const status = {
    observedGeneration: deployment.metadata.generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  };
  await admin.patch(resourceTypes.deployments, at, { status }, { type: 'merge', subresource: 'status' });
}

beforeEach(async () => {
  cluster = await simulatedCluster();
  stop = startOperator();
});

afterEach(async () => {
  await stop();
  await cluster.server.close();
});

async function createReady(spec: Record<string, unknown> = { replicas: 2 }): Promise<void> {
  await create(manifest({ spec }));
  await cluster.eventually(async () => (await get(resourceTypes.deployments)) !== undefined);
  await rollOut();
  await cluster.eventually(isReady);
}

describe('the operator', () => {
  test('makes the children, reports progress, and Ready when the pods are', async () => {
    await create(manifest({ spec: { replicas: 2 } }));
    expect(kstatus(await stored())).toBe('InProgress');
    await cluster.eventually(async () => (await reason('Reconciling')) === 'Progressing');
    expect(kstatus(await stored())).toBe('InProgress');
    for (const type of [
      resourceTypes.services,
      resourceTypes.serviceAccounts,
      resourceTypes.podDisruptionBudgets,
    ]) {
      expect(await get(type)).toBeDefined();
    }
    await rollOut();
    await cluster.eventually(isReady);
    const ready = await stored();
    expect(kstatus(ready)).toBe('Current');
    expect(ready.status).toMatchObject({ ready: '2/2', phase: 'Ready', observedGeneration: 1 });
    expect(ready.status?.url).toMatch(/^http:\/\/127\.[\d.]+:8080$/);
  });

  test('rolls a new version, and removes the configuration of the old one afterwards', async () => {
    await createReady();
    const [before] = (await cluster.admin.list(resourceTypes.configMaps, { namespace: 'default' })).items;
    await patchSpec({ model: { version: '2', digest: DIGEST_2 } });
    await cluster.eventually(async () => (await reason('Reconciling')) === 'Progressing');
    expect(before && (await get(resourceTypes.configMaps, before.metadata.name))).toBeDefined();
    await rollOut();
    await cluster.eventually(isReady);
    await cluster.eventually(
      async () =>
        before !== undefined && (await get(resourceTypes.configMaps, before.metadata.name)) === undefined,
    );
    const { status } = await stored();
    expect(status?.model).toEqual({ version: '2', digest: DIGEST_2 });
    expect(status?.history?.map(({ version }) => version)).toEqual(['2', '1']);
  });

  test('costs no API call when idle, however long', async () => {
    await createReady();
    await cluster.clock.advance(5_000);
    const before = cluster.requests.length;
    await cluster.clock.advance(20 * 60_000);
    expect(cluster.requests.slice(before).filter(({ path }) => !path.includes('watch='))).toEqual([]);
  });

  test('repairs drift: a child deleted, a field changed, a label taken away', async () => {
    await createReady();
    await cluster.admin.delete(resourceTypes.services, at);
    await cluster.eventually(async () => (await get(resourceTypes.services)) !== undefined);
    await cluster.admin.patch(resourceTypes.deployments, at, { spec: { replicas: 7 } }, { type: 'merge' });
    await cluster.eventually(
      async () => (await get<ObservedDeployment>(resourceTypes.deployments))?.spec?.replicas === 2,
    );
    const labels = { 'app.kubernetes.io/managed-by': null };
    await cluster.admin.patch(
      resourceTypes.podDisruptionBudgets,
      at,
      { metadata: { labels } },
      { type: 'merge' },
    );
    await cluster.eventually(
      async () =>
        (await get(resourceTypes.podDisruptionBudgets))?.metadata.labels?.['app.kubernetes.io/managed-by'] ===
        'gantry',
    );
  });

  test('never takes over what is not its own, and goes on when the name is free', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: at, spec: { ports: [{ port: 80 }] } };
    await cluster.admin.create(resourceTypes.services, service);
    await create(manifest());
    await cluster.eventually(async () => (await reason('Stalled')) === 'NameTaken');
    expect(kstatus(await stored())).toBe('Failed');
    expect(await get(resourceTypes.deployments)).toBeUndefined();
    expect((await get(resourceTypes.services))?.metadata.ownerReferences).toBeUndefined();
    await cluster.admin.delete(resourceTypes.services, at);
    await cluster.eventually(async () => (await reason('Reconciling')) === 'Progressing');
    expect(await get(resourceTypes.deployments)).toBeDefined();
  });

  test('waits for the children of a namesake that was deleted, and calls nothing failed meanwhile', async () => {
    await createReady();
    await cluster.admin.delete(modelDeployments, at);
    await create(manifest());
    await cluster.eventually(async () => (await reason('Reconciling')) === 'WaitingForDeletion');
    expect(kstatus(await stored())).toBe('InProgress');
  });

  test('says in the words of the API server what it refused, and tries again', async () => {
    await create(manifest({ spec: { resources: { limits: { widgets: 1 } } } }));
    await cluster.eventually(async () => (await reason('Stalled')) === 'ApplyRefused');
    const { status } = await stored();
    expect(status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toContain(
      'the API server refused Deployment/volatility: ',
    );
    await patchSpec({ resources: null });
    await cluster.eventually(async () => (await reason('Reconciling')) === 'Progressing');
  });

  test('keeps the pods when autoscaling takes over', async () => {
    await createReady({ replicas: 4 });
    await patchSpec({ replicas: null, autoscaling: { maxReplicas: 6 } });
    await cluster.eventually(async () => (await get(resourceTypes.horizontalPodAutoscalers)) !== undefined);
    const counts: (number | undefined)[] = [];
    for (let step = 0; step < 5; step++) {
      counts.push((await get<ObservedDeployment>(resourceTypes.deployments))?.spec?.replicas);
      await cluster.clock.advance(1_000);
    }
    expect(new Set(counts)).toEqual(new Set([4]));
    await cluster.admin.patch(resourceTypes.deployments, at, { spec: { replicas: 5 } }, { type: 'merge' });
    await cluster.clock.advance(5_000);
    expect((await get<ObservedDeployment>(resourceTypes.deployments))?.spec?.replicas).toBe(5);
    await patchSpec({ replicas: 3, autoscaling: null });
    await cluster.eventually(async () => (await get(resourceTypes.horizontalPodAutoscalers)) === undefined);
    expect((await get<ObservedDeployment>(resourceTypes.deployments))?.spec?.replicas).toBe(3);
  });

  test('a new operator finds what the last one left, and changes nothing', async () => {
    await createReady();
    await stop();
    const before = await stored();
    stop = startOperator({ ...operatorConfig, identity: 'operator-1' });
    await cluster.clock.advance(60_000);
    expect(await stored()).toEqual(before);
  });

  test('has the phase of every ModelDeployment among its metrics', async () => {
    await createReady();
    await create(manifest({ name: 'other' }));
    await cluster.clock.advance(1_000);
    const text = await metrics.getSingleMetricAsString('gantry_modeldeployment_phase');
    expect(text.split('\n').slice(2)).toEqual([
      'gantry_modeldeployment_phase{namespace="default",name="volatility",phase="Ready"} 1',
      'gantry_modeldeployment_phase{namespace="default",name="other",phase="Pending"} 1',
    ]);
  });

  test('tells in Events what has happened', async () => {
    await createReady();
    await cluster.clock.advance(10_000);
    const events = await cluster.admin.list(resourceTypes.coreEvents, { namespace: 'default' });
    expect(events.items.map((event) => `${String(event.type)} ${String(event.reason)}`)).toEqual([
      'Normal Progressing',
      'Normal RolloutComplete',
    ]);
  });
});
