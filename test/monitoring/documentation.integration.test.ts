import { FIELD_MANAGER } from '../../src/api/index.js';
import { seededRandom, silentLogger } from '../../src/base/index.js';
import { createMetricsRegistry, exposeProcess } from '../../src/base/metrics/index.js';
import { createClient, resourceTypes } from '../../src/kube/index.js';
import { createOperator } from '../../src/operator/index.js';
import { modelDeployments } from '../../src/operator/kinds.js';
import { serverMetrics } from '../../src/serving/telemetry/metrics/serverMetrics.js';
import { ModelCatalogue } from '../../src/serving/dataplane/index.js';
import { manifest } from '../support/modelDeployments.js';
import { linearModel } from '../support/onnxModel.js';
import { operatorConfig } from '../support/operatorCluster.js';
import { serveModels } from '../support/serving.js';
import { redisTarget } from '../support/redis.js';
import { simulatedCluster } from '../support/simulatedCluster.js';
import { differences, documented, exposed } from './metricsPages.js';

/** Of a server with a cache, a Redis that is not there, and requests that were answered and refused. */
async function servingPage(): Promise<string> {
  const server = await serveModels(
    { 'linear/1': linearModel(4) },
    {
      config: { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 } },
      redis: { target: redisTarget('redis://127.0.0.1:1') },
    },
  );
  try {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }];
    for (const body of [JSON.stringify({ inputs }), '{}']) {
      await (await fetch(`${server.url}/v2/models/linear/infer`, { method: 'POST', body })).arrayBuffer();
    }
    return await (await fetch(`${server.metricsUrl}/metrics`)).text();
  } finally {
    await server.stop();
  }
}

/** What only a server with tokens and TLS has. */
async function accessPage(): Promise<string> {
  const registry = serverMetrics({
    version: '0',
    exemplars: false,
    catalogue: new ModelCatalogue([], new Map()),
    queueLimit: 1,
    httpStatuses: new Map(),
    grpcStatuses: new Map([[0, 1]]),
    bodyBytesInFlight: () => 0,
    cache: () => undefined,
    access: { figures: () => ({ clients: 2, problems: 0, certificateExpiresAt: 1_800_000_000 }) },
  });
  return registry.metrics();
}

/** Of an operator that leads, and has a ModelDeployment that the API server took and one of whose children it refused. */
async function operatorPage(): Promise<string> {
  const cluster = await simulatedCluster();
  const metrics = createMetricsRegistry();
  exposeProcess(metrics, '0');
  const parts = { clock: cluster.clock, logger: silentLogger, metrics };
  const client = createClient({ transport: cluster.server, fieldManager: FIELD_MANAGER, ...parts });
  const leaderElection = { namespace: 'default', name: 'gantry-operator' };
  const operator = createOperator({
    client,
    random: seededRandom(1),
    config: { ...operatorConfig, leaderElection },
    ...parts,
  });
  const controller = new AbortController();
  const running = operator.run(controller.signal);
  await cluster.admin.create(modelDeployments, manifest());
  await cluster.eventually(async () => {
    const { items } = await cluster.admin.list(resourceTypes.deployments, {});
    return items.length > 0;
  });
  await cluster.clock.advance(5_000);
  const page = await metrics.metrics();
  controller.abort();
  await cluster.clock.advance(30_000);
  await running;
  return page;
}

describe('docs/metrics.md', () => {
  it('names every metric of gantry serve, with its type and labels, and no other', async () => {
    const pages = [await servingPage(), await accessPage()];
    expect(differences(await documented('gantry serve', 'Both programs'), exposed(...pages))).toEqual([]);
  });

  it('names every metric of gantry operator, with its type and labels, and no other', async () => {
    const page = await operatorPage();
    expect(differences(await documented('gantry operator', 'Both programs'), exposed(page))).toEqual([]);
  });
});
