/** The operator with the cluster's own controllers and a node: versions that come, fail and go. */
import { FIELD_MANAGER, LABELS, type ModelDeployment } from '../../src/api/index.js';
import { seededRandom, silentLogger } from '../../src/base/index.js';
import { createMetricsRegistry } from '../../src/base/metrics/index.js';
import { type KubeObject, resourceTypes } from '../../src/kube/index.js';
import { createControllers } from '../../src/local/controllers/index.js';
import { createOperator } from '../../src/operator/index.js';
import { modelDeployments } from '../../src/operator/kinds.js';
import { kstatus } from '../support/kstatus.js';
import { DIGEST_1, DIGEST_2, manifest } from '../support/modelDeployments.js';
import { operatorConfig } from '../support/operatorCluster.js';
import { simulatedCluster, type SimulatedCluster } from '../support/simulatedCluster.js';
import { runSimulatedNode } from '../support/simulatedNode.js';

type Stored = ModelDeployment & KubeObject;
const at = { namespace: 'default', name: 'volatility' };
const LAST_WORDS = JSON.stringify({
  code: 'DigestMismatch',
  place: '/app/models/staging/volatility/2/model.onnx',
  message: 'the digest is another one',
  remedy: 'restore the file',
});

let cluster: SimulatedCluster;
let stop: AbortController;
let running: Promise<unknown>;
/** Versions whose pods cannot serve. */
let broken: Set<string>;
/** The fewest pods of any version that were ready at once, since it was last set. */
let fewestReady: number;

beforeEach(async () => {
  cluster = await simulatedCluster();
  stop = new AbortController();
  broken = new Set();
  const { admin, clock } = cluster;
  const shared = { clock, random: seededRandom(5), logger: silentLogger };
  const operator = createOperator({
    ...shared,
    client: cluster.client(FIELD_MANAGER),
    metrics: createMetricsRegistry(),
    config: operatorConfig,
  });
  running = Promise.all([
    operator.run(stop.signal),
    createControllers({ ...shared, client: cluster.admin }).run(stop.signal),
    runSimulatedNode(
      {
        client: admin,
        clock,
        startMs: 700,
        fateOf: ({ metadata }) =>
          broken.has(metadata.labels?.[LABELS.version] ?? '')
            ? { ready: false, lastWords: LAST_WORDS }
            : { ready: true },
      },
      stop.signal,
    ),
  ]);
});

afterEach(async () => {
  stop.abort();
  await cluster.clock.advance(5_000);
  await running;
  await cluster.server.close();
});

const stored = () => cluster.admin.get<Stored>(modelDeployments, at);

async function pods(): Promise<{ ready: number; versions: string[] }> {
  const { items } = await cluster.admin.list(resourceTypes.pods, { namespace: 'default' });
  const alive = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const isReady = (pod: KubeObject) =>
    (pod.status as { conditions?: { type: string; status: string }[] }).conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    );
  const readyPods = alive.filter(isReady);
  return {
    ready: readyPods.length,
    versions: readyPods.map(({ metadata }) => metadata.labels?.[LABELS.version] ?? ''),
  };
}

async function verdict(wanted: 'Current' | 'Failed', generation: number): Promise<Stored> {
  fewestReady = Infinity;
  await cluster.eventually(async () => {
    fewestReady = Math.min(fewestReady, (await pods()).ready);
    const object = await stored();
    return object.status?.observedGeneration === generation && kstatus(object) === wanted;
  });
  return stored();
}

async function release(version: string, digest: string): Promise<void> {
  const spec = { model: { version, digest } };
  await cluster.admin.patch(modelDeployments, at, { spec }, { type: 'merge' });
}

test('a new version replaces the old one with never a pod less than wanted', async () => {
  await cluster.admin.create(modelDeployments, manifest({ spec: { replicas: 3 } }));
  await verdict('Current', 1);
  await release('2', DIGEST_2);
  const { status } = await verdict('Current', 2);
  expect(fewestReady).toBeGreaterThanOrEqual(3);
  expect((await pods()).versions).toEqual(['2', '2', '2']);
  expect(status).toMatchObject({ ready: '3/3', phase: 'Ready', model: { version: '2', digest: DIGEST_2 } });
});

test('a version that cannot serve stalls, says why, and leaves the old one serving until it is taken back', async () => {
  await cluster.admin.create(modelDeployments, manifest({ spec: { replicas: 2 } }));
  await verdict('Current', 1);
  broken.add('2');
  await release('2', DIGEST_2);
  const failed = await verdict('Failed', 2);
  expect(failed.status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toContain(
    '/app/models/staging/volatility/2/model.onnx: the digest is another one; restore the file',
  );
  expect(failed.status?.conditions?.find(({ type }) => type === 'Available')?.status).toBe('True');
  expect(failed.status?.model).toEqual({ version: '1', digest: DIGEST_1 });
  await release('1', DIGEST_1);
  const back = await verdict('Current', 3);
  expect(fewestReady).toBeGreaterThanOrEqual(2);
  expect((await pods()).versions).toEqual(['1', '1']);
  expect(back.status?.history?.map(({ outcome, version }) => `${outcome} ${version}`)).toEqual([
    'Succeeded 1',
    'Failed 2',
    'Succeeded 1',
  ]);
});

test('scaling adds and removes pods, down to none and back', async () => {
  await cluster.admin.create(modelDeployments, manifest({ spec: { replicas: 1 } }));
  await verdict('Current', 1);
  for (const [index, replicas] of [4, 0, 2].entries()) {
    await cluster.admin.patch(
      modelDeployments,
      at,
      { spec: { replicas } },
      { type: 'merge', subresource: 'scale' },
    );
    const { status } = await verdict('Current', index + 2);
    expect(status?.ready).toBe(`${replicas}/${replicas}`);
    expect((await pods()).versions).toHaveLength(replicas);
  }
});

test('a pod that is deleted comes back, and the status tells of it meanwhile', async () => {
  await cluster.admin.create(modelDeployments, manifest({ spec: { replicas: 2 } }));
  await verdict('Current', 1);
  const [first] = (await cluster.admin.list(resourceTypes.pods, { namespace: 'default' })).items;
  await cluster.admin.delete(resourceTypes.pods, { namespace: 'default', name: first?.metadata.name ?? '' });
  await cluster.eventually(async () => (await stored()).status?.phase === 'Degraded');
  expect((await verdict('Current', 1)).status?.phase).toBe('Ready');
});
