/** A ModelDeployment whose Secret says who may ask, with real pods. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { digestOfBytes } from '../../src/base/index.js';
import { eventually } from '../support/eventually.js';
import { type LocalCluster, startLocalCluster } from '../support/localCluster.js';
import { ROOT } from '../support/program.js';

const ALICE = 'alice-0123456789abcdef';
const ALICE_2 = 'alice-abcdef0123456789';

const MANIFEST = JSON.stringify({
  apiVersion: 'gantry.dev/v1alpha1',
  kind: 'ModelDeployment',
  metadata: { name: 'guarded' },
  spec: {
    model: {
      name: 'volatility',
      version: '1',
      digest: digestOfBytes(readFileSync(path.join(ROOT, 'models/production/volatility/1/model.onnx'))),
    },
    replicas: 2,
    auth: { tokens: { secretRef: { name: 'traders' } } },
  },
});

function secret(tokens: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'traders' },
    stringData: tokens,
  });
}

describe('a ModelDeployment with tokens', () => {
  let cluster: LocalCluster;
  let pods: readonly string[];

  beforeAll(async () => {
    cluster = await startLocalCluster({ flags: ['--no-samples', '--no-redis'] });
    expect(await cluster.kubectl(['apply', '-f', '-'], secret({ alice: ALICE }))).toMatchObject({ code: 0 });
    expect(await cluster.kubectl(['apply', '-f', '-'], MANIFEST)).toMatchObject({ code: 0 });
    await cluster.run('wait', '--for=condition=Ready', 'md/guarded', '--timeout=60s');
    pods = (await podsNow()).map(({ ip }) => ip);
  }, 120_000);
  afterAll(() => cluster.dispose(), 30_000);

  const podsNow = async () =>
    (await cluster.list('pods', '-l', 'gantry.dev/modeldeployment=guarded')).map(({ metadata, status }) => ({
      uid: metadata.uid,
      ip: status?.podIP ?? '',
      restarts: status?.containerStatuses?.map(({ restartCount }) => restartCount),
    }));
  const statuses = (token?: string) =>
    Promise.all(
      pods.map(async (ip) => {
        const headers: Record<string, string> =
          token === undefined ? {} : { authorization: `Bearer ${token}` };
        return (await fetch(`http://${ip}:8080/v2/models/volatility`, { headers })).status;
      }),
    );

  test('turns ready by its health on the metrics port, and answers nobody without a token', async () => {
    expect(await statuses(ALICE)).toEqual([200, 200]);
    expect(await statuses()).toEqual([401, 401]);
    expect(await statuses(ALICE_2)).toEqual([401, 401]);
  });

  test('takes over a changed Secret in the pods that run', async () => {
    const before = await podsNow();
    expect(await cluster.kubectl(['apply', '-f', '-'], secret({ alice: ALICE_2 }))).toMatchObject({
      code: 0,
    });
    await eventually('the pods know the new token', async () => {
      expect([await statuses(ALICE_2), await statuses(ALICE)]).toEqual([
        [200, 200],
        [401, 401],
      ]);
      return true;
    });
    expect(await podsNow()).toEqual(before);
  });

  test('keeps its tokens out of what the pods say and what they are', async () => {
    const logs = await cluster.run('logs', '-l', 'gantry.dev/modeldeployment=guarded', '--tail=-1');
    expect(logs).toContain('"client":"alice"');
    const told = logs + (await cluster.run('get', 'pods,deployments,configmaps,events,md', '-o', 'yaml'));
    for (const token of [ALICE, ALICE_2]) expect(told).not.toContain(token);
  });
});
