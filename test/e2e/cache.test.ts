/** The cache with Redis and without: what the start says, where answers come from, and what an outage costs. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually, pause } from '../support/eventually.js';
import { type LocalCluster, startLocalCluster } from '../support/localCluster.js';
import { addVersion, temporaryRegistry } from '../support/modelFolder.js';
import { onnxModel } from '../support/onnxModel.js';
import { processesNaming } from '../support/processes.js';

const FEATURES = { volatility: 16, slow: 4 };
type Model = keyof typeof FEATURES;

interface Prediction {
  readonly status: number;
  /** Cache-Status (RFC 9211): where the answer came from. */
  readonly cache: string;
  readonly age: string | null;
}

async function predict(base: string, model: Model, first: number): Promise<Prediction> {
  const columns = FEATURES[model];
  const data = Array.from({ length: columns }, (_, index) => (index === 0 ? first : index));
  const input = { name: model === 'slow' ? 'x' : 'features', datatype: 'FP32', shape: [1, columns], data };
  const answer = await fetch(`${base}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ inputs: [input] }),
  });
  await answer.arrayBuffer();
  return {
    status: answer.status,
    cache: answer.headers.get('cache-status') ?? '',
    age: answer.headers.get('age'),
  };
}

async function podUrls(cluster: LocalCluster, model: Model): Promise<string[]> {
  const pods = await cluster.list('pods', '-l', `gantry.dev/modeldeployment=${model}`);
  return pods.map(({ status }) => `http://${status?.podIP ?? ''}:8080`);
}

const cacheColumn = (cluster: LocalCluster, model: Model) =>
  cluster.run('get', 'md', model, '-o', 'jsonpath={.status.cache}');

/** A model slower than a question to Redis on the same machine: one that is quicker is not looked up there. */
function slowModel(width = 500, layers = 1000): Buffer {
  const hidden = Array.from({ length: layers }, (_, layer) => ({
    op: 'MatMul',
    inputs: [`h${layer}`, 'W'],
    outputs: [`h${layer + 1}`],
  }));
  return onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', FEATURES.slow] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'first'], outputs: ['h0'] },
      ...hidden,
      { op: 'MatMul', inputs: [`h${layers}`, 'last'], outputs: ['y'] },
    ],
    constants: [
      { name: 'first', shape: [FEATURES.slow, width], data: new Float32Array(FEATURES.slow * width).fill(1) },
      { name: 'W', shape: [width, width], data: new Float32Array(width * width).fill(1 / width) },
      { name: 'last', shape: [width, 1], data: new Float32Array(width).fill(1) },
    ],
  });
}

function manifest(digest: string): string {
  return JSON.stringify({
    apiVersion: 'gantry.dev/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name: 'slow' },
    spec: {
      model: { name: 'slow', version: '1', digest },
      replicas: 2,
      cache: { redis: { managed: true } },
    },
  });
}

describe('a machine without redis-server', () => {
  let cluster: LocalCluster;
  let programs: string;

  beforeAll(async () => {
    programs = mkdtempSync(path.join(tmpdir(), 'gantry-path-'));
    symlinkSync(process.execPath, path.join(programs, 'node'));
    cluster = await startLocalCluster({ searchPath: programs });
  }, 90_000);
  afterAll(async () => {
    await cluster.dispose();
    rmSync(programs, { recursive: true });
  }, 30_000);

  test('is told so in one line, with the command that changes it', () => {
    const lines = cluster
      .program()
      .stdout()
      .split('\n')
      .filter((line) => /redis/i.test(line));
    expect(lines).toEqual([
      'cache       in each pod alone: redis-server is not installed (Debian and Ubuntu: sudo apt-get install redis-server)',
    ]);
  });

  test('has a kubectl to paste even without one on the PATH', () => {
    expect(cluster.program().stdout()).toMatch(/^ {2}\S*\/kubectl --kubeconfig \S+ get md$/m);
  });

  test('caches predictions in each pod', async () => {
    const [one = '', other = ''] = await podUrls(cluster, 'volatility');
    expect(await predict(one, 'volatility', 1)).toMatchObject({
      status: 200,
      cache: expect.stringContaining('miss'),
    });
    expect(await predict(one, 'volatility', 1)).toMatchObject({
      status: 200,
      cache: expect.stringContaining('hit; ttl='),
      age: expect.stringMatching(/^\d+$/),
    });
    expect(await predict(other, 'volatility', 1)).toMatchObject({
      status: 200,
      cache: expect.stringContaining('miss'),
    });
  });

  test('runs no pod of Redis, and the models say where they cache', async () => {
    expect(await cluster.run('get', 'pods', '-A', '-o', 'name')).not.toContain('redis');
    expect(await cacheColumn(cluster, 'volatility')).toBe('Memory');
  });
});

describe('a machine with redis-server', () => {
  const models = temporaryRegistry();
  let cluster: LocalCluster;

  beforeAll(async () => {
    const { digest } = addVersion(models, 'production', 'slow', '1', slowModel());
    cluster = await startLocalCluster({ models, flags: ['--no-samples'] });
    expect(await cluster.kubectl(['apply', '-f', '-'], manifest(digest))).toMatchObject({ code: 0 });
    await cluster.run('wait', '--for=condition=Ready', 'md/slow', '--timeout=60s');
    await cluster.run('rollout', 'status', '-n', 'gantry-system', 'deploy/gantry-redis', '--timeout=60s');
  }, 90_000);
  afterAll(async () => {
    await cluster.dispose();
    rmSync(models, { recursive: true });
  }, 30_000);

  test('runs Redis as a pod, which the models use', async () => {
    const pods = await cluster.run('get', 'pods', '-n', 'gantry-system');
    expect(pods).toMatch(/^gantry-redis-\S+ +1\/1 +Running/m);
    expect(await cacheColumn(cluster, 'slow')).toBe('Redis');
    expect(cluster.program().stdout()).not.toContain('in each pod alone');
  });

  test('answers in one pod what another has predicted', async () => {
    const [one = '', other = ''] = await podUrls(cluster, 'slow');
    let input = 10;
    const found = async () => {
      input += 1; // a pod that has missed once knows the answer itself
      await predict(one, 'slow', input);
      const { status, cache } = await predict(other, 'slow', input);
      expect(status).toBe(200);
      // A busy machine may be late for the pods' first questions to Redis; they ask again every few seconds.
      return cache.includes('detail=redis') || pause(300).then(() => false);
    };
    await eventually('the other pod has it from Redis', found, 60_000);
  }, 90_000);

  test('predicts on when Redis is killed, and Redis comes back', async () => {
    const [one = '', other = ''] = await podUrls(cluster, 'slow');
    const [redis] = await cluster.list('pods', '-n', 'gantry-system');
    const [victim] = processesNaming(redis?.metadata.uid ?? 'no pod');
    const failures: Prediction[] = [];
    let predicted = 0;
    let running = true;
    const clients = [one, other].map(async (url) => {
      while (running) {
        const answer = await predict(url, 'slow', 1000 + (predicted++ % 50));
        if (answer.status !== 200) failures.push(answer);
      }
    });
    process.kill(victim?.pid ?? -1, 'SIGKILL');
    const before = predicted;
    await eventually('predictions go on', () => predicted > before + 10);
    await eventually('Redis runs again', async () => {
      const pod = await cluster.get('pod', redis?.metadata.name ?? '', 'gantry-system');
      expect(pod.status?.containerStatuses).toMatchObject([{ ready: true, restartCount: 1 }]);
      return true;
    });
    running = false;
    await Promise.all(clients);
    expect(failures).toEqual([]);
  });
});
