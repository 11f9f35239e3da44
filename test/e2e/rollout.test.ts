/** Releases, crashes and wrong declarations, with a client that must not notice any of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { startLoad } from '../support/load.js';
import { type LocalCluster, type ObjectView, startLocalCluster } from '../support/localCluster.js';
import { processesNaming } from '../support/processes.js';
import { GANTRY, ROOT, type RunningProgram, SEARCH_PATH, startProgram } from '../support/program.js';

const FEATURES = 16;
const CONNECTIONS = 8;
const VERSIONS = {
  1: digestOf('production/volatility/1'),
  2: digestOf('staging/volatility/2'),
};

function digestOf(folder: string): string {
  const file = path.join(ROOT, 'models', folder, 'model.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { digest: string }).digest;
}

/** Never the same twice: no cache answers. */
let counter = 0;
function inputs(): string {
  const data = Array.from({ length: FEATURES }, (_, index) => (index === 0 ? counter++ / 1000 : index));
  return JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [1, FEATURES], data }] });
}

async function predict(url: string): Promise<{ model_version: string }> {
  const answer = await fetch(`${url}/v2/models/volatility/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: inputs(),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { model_version: string };
}

function conditionOf(model: ObjectView, type: string) {
  return model.status?.conditions?.find((condition) => condition.type === type);
}

async function patchModel(cluster: LocalCluster, spec: object): Promise<void> {
  const patch = ['patch', 'md', 'volatility', '--type=merge', '-p', JSON.stringify({ spec })];
  expect(await cluster.kubectl(patch)).toMatchObject({ code: 0, stderr: '' });
}

const release = (version: 1 | 2) => ({ model: { version: String(version), digest: VERSIONS[version] } });

/** The model once it is ready in this version, by the operator's latest word, and no other pod is left. */
function serving(cluster: LocalCluster, version: 1 | 2): Promise<ObjectView> {
  return eventually(`version ${version} is ready`, async () => {
    const model = await cluster.get('md', 'volatility');
    expect(model.status?.observedGeneration).toBe(model.metadata.generation);
    expect(conditionOf(model, 'Ready')).toMatchObject({ status: 'True' });
    expect(conditionOf(model, 'Ready')?.message).toBe(`2 of 2 pods serve volatility ${version}`);
    expect(await podsOf(cluster)).toHaveLength(2);
    return model;
  });
}

const podsOf = (cluster: LocalCluster) =>
  cluster.list('pods', '-l', 'gantry.dev/modeldeployment=volatility', '--sort-by=.metadata.name');

describe('a model under load', () => {
  let cluster: LocalCluster;
  let url: string;

  beforeAll(async () => {
    cluster = await startLocalCluster({ flags: ['--no-redis'] });
    url = (await serving(cluster, 1)).status?.url ?? '';
    await cluster.run('delete', 'md', 'digits');
  }, 90_000);
  afterAll(() => cluster.dispose(), 30_000);

  test('rolls over to its other version without a failed request', async () => {
    const load = startLoad(`${url}/v2/models/volatility/infer`, CONNECTIONS, inputs);
    try {
      await eventually('the old version answers', () => (load.answers.get('1') ?? 0) > 100);
      await patchModel(cluster, release(2));
      await serving(cluster, 2);
      await eventually('the new version answers', () => (load.answers.get('2') ?? 0) > 100);
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect([...load.answers.keys()].sort()).toEqual(['1', '2']);
    expect((await predict(url)).model_version).toBe('2');
  });

  test('a killed process of a pod comes back', async () => {
    const [pod] = await podsOf(cluster);
    const [victim] = processesNaming(pod?.metadata.uid ?? 'no pod');
    process.kill(victim?.pid ?? -1, 'SIGKILL');
    await eventually('the container is started again', async () => {
      const after = await cluster.get('pod', pod?.metadata.name ?? '');
      expect(after.status?.containerStatuses).toMatchObject([{ ready: true, restartCount: 1 }]);
      return true;
    });
    await serving(cluster, 2);
    await predict(url);
  });

  test.each<[string, object, string, RegExp]>([
    [
      'a digest that the file does not have',
      { model: { version: '1', digest: VERSIONS[2] } },
      'DigestMismatch',
      /have digest sha256:\w+, declared is .*; declare the digest that "gantry model show" prints/,
    ],
    [
      'a version that does not exist',
      { model: { version: '9', digest: VERSIONS[1] } },
      'ModelNotFound',
      /volatility\/9: no such model version .*; there is 1 \(production\), 2 \(staging\)/,
    ],
    [
      'an image nobody knows',
      { ...release(1), source: { image: { reference: 'registry.example/unknown:1' } } },
      'ImagePullFailed',
      /registry\.example\/unknown:1.*; check the name and pull secrets in spec\.source\.image/,
    ],
  ])(
    '%s becomes a condition that says what to do, and the old pods go on serving',
    async (_, spec, reason, advice) => {
      const load = startLoad(`${url}/v2/models/volatility/infer`, 1, inputs);
      try {
        await patchModel(cluster, spec);
        await eventually('a condition tells it', async () => {
          const model = await cluster.get('md', 'volatility');
          expect(conditionOf(model, 'Ready')).toMatchObject({ status: 'False', reason });
          expect(conditionOf(model, 'Ready')?.message).toMatch(advice);
          expect(conditionOf(model, 'Available')?.status).toBe('True');
          return true;
        });
        const answered = load.answers.get('2') ?? 0;
        await eventually('it is still answered', () => (load.answers.get('2') ?? 0) > answered + 20);
      } finally {
        await load.stop();
      }
      expect({ failures: load.failures, by: [...load.answers.keys()] }).toEqual({ failures: [], by: ['2'] });
      await patchModel(cluster, { ...release(2), source: { image: { reference: null } } });
      await serving(cluster, 2);
    },
  );

  test('kill -9 of the whole cluster loses nothing, and leaves no orphans after the next start', async () => {
    const before = await cluster.list('md,deploy,svc,pods');
    const orphans = processesNaming(path.join(cluster.home, 'node')).map(({ pid }) => pid);
    expect(orphans.length).toBeGreaterThanOrEqual(2);
    await cluster.end('SIGKILL');
    await cluster.start();
    await serving(cluster, 2);
    expect((await predict(url)).model_version).toBe('2');
    const left = processesNaming(path.join(cluster.home, 'node')).map(({ pid }) => pid);
    expect(left.filter((pid) => orphans.includes(pid))).toEqual([]);
    expect(left).toHaveLength(2);
    const after = await cluster.list('md,deploy,svc,pods');
    expect(after.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
  });
});

describe('the operator as a process of its own', () => {
  let cluster: LocalCluster;
  let operator: RunningProgram;

  const startOperator = () =>
    startProgram(
      process.execPath,
      [
        GANTRY,
        'operator',
        '--kubeconfig',
        cluster.kubeconfig,
        '--url-template',
        'http://{clusterIP}:{port}',
        '--pre-stop-seconds',
        '1',
        '--metrics-port',
        '0',
        '--host',
        '127.0.0.1',
      ],
      { env: { PATH: SEARCH_PATH } },
    );

  beforeAll(async () => {
    cluster = await startLocalCluster({ flags: ['--no-operator', '--no-redis'] });
    await cluster.run('delete', 'md', 'digits');
    operator = startOperator();
  }, 90_000);
  afterAll(async () => {
    await operator.end();
    await cluster.dispose();
  }, 30_000);

  test('killed with -9 loses nothing, and acts upon what was edited meanwhile once it is back', async () => {
    const before = await serving(cluster, 1);
    const pods = await podsOf(cluster);
    await operator.end('SIGKILL');
    await patchModel(cluster, release(2));
    expect((await predict(before.status?.url ?? '')).model_version).toBe('1');
    expect((await podsOf(cluster)).map(({ metadata }) => metadata.uid)).toEqual(
      pods.map(({ metadata }) => metadata.uid),
    );
    operator = startOperator();
    const after = await serving(cluster, 2);
    expect(after.status?.url).toBe(before.status?.url);
    expect((await predict(after.status?.url ?? '')).model_version).toBe('2');
  });

  test('ends with exit code 0 when it is asked to, and the pods go on', async () => {
    const ended = await operator.end('SIGTERM');
    expect(ended.code).toBe(0);
    const { status } = await cluster.get('md', 'volatility');
    expect((await predict(status?.url ?? '')).model_version).toBe('2');
  });
});
