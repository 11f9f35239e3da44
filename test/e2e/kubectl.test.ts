/** What a user does with kubectl on day one, with the real one, against the sample models. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { type LocalCluster, startLocalCluster } from '../support/localCluster.js';
import { ROOT } from '../support/program.js';

const SAMPLE = readFileSync(path.join(ROOT, 'manifests/samples/digits.yaml'), 'utf8');
const NAME = 'modeldeployment.gantry.dev';

/** The sample under another name, small enough to come and go in a test. */
function manifest(name: string, change: (text: string) => string = (text) => text): string {
  return change(SAMPLE.replace('name: digits\n', `name: ${name}\n`));
}

/** The cells of kubectl's table: a row of titles, then one for each object. */
function table(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
}

describe('kubectl on day one', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    cluster = await startLocalCluster({ flags: ['--no-redis'] });
  }, 90_000);
  afterAll(() => cluster.dispose(), 30_000);

  function fileOf(name: string, text: string): string {
    const file = path.join(cluster.home, `${name}.yaml`);
    writeFileSync(file, text);
    return file;
  }

  test('version names client and server', async () => {
    const text = await cluster.run('version');
    expect(text).toMatch(/^Client Version: v1\.35\./m);
    expect(text).toMatch(/^Server Version: v1\.\d+\./m);
  });

  test('api-resources lists ModelDeployments with their short name beside the built-in kinds', async () => {
    const rows = (await cluster.run('api-resources')).split('\n').map((line) => line.split(/\s+/));
    expect(rows).toContainEqual(['modeldeployments', 'md', 'gantry.dev/v1alpha1', 'true', 'ModelDeployment']);
    expect(rows).toContainEqual(['deployments', 'deploy', 'apps/v1', 'true', 'Deployment']);
  });

  test('get md shows version, readiness, phase, cache, url and age', async () => {
    const [titles, digits, volatility] = table(await cluster.run('get', 'md'));
    expect(titles).toEqual(['NAME', 'VERSION', 'READY', 'PHASE', 'CACHE', 'URL', 'AGE']);
    expect(digits?.slice(0, 4)).toEqual(['digits', '1', '1/1', 'Ready']);
    expect(volatility?.slice(0, 4)).toEqual(['volatility', '1', '2/2', 'Ready']);
    expect(volatility?.[5]).toMatch(/^http:\/\/127\.\d+\.\d+\.\d+:8080$/);
  });

  test('get md,deploy,rs,po,svc,cm shows everything a model is made of', async () => {
    const text = await cluster.run('get', 'md,deploy,rs,po,svc,cm');
    for (const kind of [NAME, 'deployment.apps', 'replicaset.apps', 'pod', 'service', 'configmap']) {
      expect(text).toMatch(new RegExp(`^${kind}/volatility\\S* `, 'm'));
    }
    expect(text.match(/^pod\/volatility\S+ +1\/1 +Running +0 /gm)).toHaveLength(2);
  });

  test('get -o yaml answers a manifest that can be applied again', async () => {
    const text = await cluster.run('get', 'md', 'digits', '-o', 'yaml');
    expect(text).toMatch(/^kind: ModelDeployment$/m);
    expect(text).not.toContain('managedFields');
    const again = await cluster.kubectl(['replace', '--dry-run=server', '-f', '-'], text);
    expect(again).toMatchObject({ code: 0, stdout: `${NAME}/digits replaced (server dry run)\n` });
  });

  test('describe md tells the conditions and the events', async () => {
    const text = await cluster.run('describe', 'md', 'volatility');
    expect(text).toMatch(/Reason: +RolloutComplete/);
    expect(text).toMatch(/^Events:\n +Type +Reason +Age +From +Message/m);
    expect(text).toMatch(/Normal +RolloutComplete .* 2 of 2 pods serve volatility 1/);
  });

  test('explain md.spec --recursive describes every field', async () => {
    const text = await cluster.run('explain', 'md.spec', '--recursive');
    expect(text).toMatch(/^FIELD: spec <Object>/m);
    expect(text).toMatch(/^ {2}model\t<Object> -required-\n {4}digest\t<string>/m);
    const one = await cluster.run('explain', 'md.spec.model.digest');
    expect(one).toMatch(/DESCRIPTION:\n +\S+/);
  });

  test('logs -f follows a pod while it answers', async () => {
    const [pod] = await cluster.list('pods', '-l', 'gantry.dev/modeldeployment=digits');
    const logs = cluster.follow('logs', '-f', pod?.metadata.name ?? '');
    try {
      await logs.printed(/"msg":"ready"/);
      await cluster.run('delete', 'pod', pod?.metadata.name ?? '', '--wait=false');
      await logs.printed(/"msg":"draining"/);
      expect((await logs.finished).code).toBe(0);
    } finally {
      await logs.end();
    }
    await cluster.run('rollout', 'status', 'deploy/digits', '--timeout=30s');
  });

  test('apply creates, leaves alone, and changes', async () => {
    const file = fileOf('applied', manifest('applied'));
    expect(await cluster.run('apply', '-f', file)).toBe(`${NAME}/applied created\n`);
    expect(await cluster.run('apply', '-f', file)).toBe(`${NAME}/applied unchanged\n`);
    writeFileSync(
      file,
      manifest('applied', (text) => `${text}  serving: { timeoutMs: 4321 }\n`),
    );
    expect(await cluster.run('apply', '-f', file)).toBe(`${NAME}/applied configured\n`);
    expect((await cluster.get('md', 'applied')).spec).toMatchObject({ serving: { timeoutMs: 4321 } });
    writeFileSync(file, manifest('applied'));
    expect(await cluster.run('apply', '-f', file)).toBe(`${NAME}/applied configured\n`);
    expect((await cluster.get('md', 'applied')).spec).toMatchObject({ serving: { timeoutMs: 10_000 } });
  });

  test('apply --server-side creates, leaves alone, changes, and tells a conflict', async () => {
    const file = fileOf('server-side', manifest('server-side'));
    const apply = () => cluster.run('apply', '--server-side', '-f', file);
    expect(await apply()).toBe(`${NAME}/server-side serverside-applied\n`);
    const before = await cluster.get('md', 'server-side');
    expect(await apply()).toBe(`${NAME}/server-side serverside-applied\n`);
    const after = await cluster.get('md', 'server-side');
    expect(after.metadata.generation).toBe(before.metadata.generation);
    writeFileSync(
      file,
      manifest('server-side', (text) => text.replace('replicas: 1', 'replicas: 0')),
    );
    await apply();
    expect((await cluster.get('md', 'server-side')).spec).toMatchObject({ replicas: 0 });
    const other = ['apply', '--server-side', '--field-manager=somebody', '-f', '-'];
    const refused = await cluster.kubectl(other, manifest('server-side'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('conflict with "kubectl": .spec.replicas');
    await cluster.run('delete', 'md', 'server-side');
  });

  test('diff shows what an apply would change, and nothing when nothing would', async () => {
    const same = await cluster.kubectl(['diff', '-f', '-'], manifest('applied'));
    expect(same).toMatchObject({ code: 0, stdout: '' });
    const changed = await cluster.kubectl(
      ['diff', '-f', '-'],
      manifest('applied', (text) => text.replace('replicas: 1', 'replicas: 3')),
    );
    expect(changed.code).toBe(1);
    expect(changed.stdout).toMatch(/^- {2}replicas: 1\n\+ {2}replicas: 3$/m);
  });

  test('wait --for=condition=Ready ends when the pods serve', async () => {
    const text = await cluster.run('wait', '--for=condition=Ready', 'md/applied', '--timeout=30s');
    expect(text).toBe(`${NAME}/applied condition met\n`);
    expect((await cluster.get('md', 'applied')).status?.readyReplicas).toBe(1);
  });

  test('-w shows a change as it happens, and scale md is acted upon', async () => {
    const watch = cluster.follow('get', 'md', 'applied', '-w');
    try {
      await watch.printed(/^applied +1 +1\/1 +Ready/m);
      expect(await cluster.run('scale', 'md', 'applied', '--replicas=2')).toBe(`${NAME}/applied scaled\n`);
      await watch.printed(/^applied +1 +2\/2 +Ready/m);
    } finally {
      await watch.end();
    }
    // A pod of an earlier change may still be on its way out.
    await eventually('there are two pods', async () => {
      const pods = await cluster.list('pods', '-l', 'gantry.dev/modeldeployment=applied');
      return pods.length === 2;
    });
  });

  test('rollout status follows the deployment behind the model', async () => {
    await cluster.run('scale', 'md', 'applied', '--replicas=1');
    const status = await cluster.run('rollout', 'status', 'deploy/applied', '--timeout=30s');
    expect(status).toContain('deployment "applied" successfully rolled out');
  });

  test('edit opens the object and sends what the editor left', async () => {
    const edit = cluster.withEnv({ KUBE_EDITOR: "sed -i 's/ttlSeconds: 300/ttlSeconds: 60/'" });
    const edited = await edit(['edit', 'md', 'applied']);
    expect(edited).toMatchObject({ code: 0, stdout: `${NAME}/applied edited\n` });
    expect((await cluster.get('md', 'applied')).spec).toMatchObject({ cache: { ttlSeconds: 60 } });
    const nonsense = cluster.withEnv({
      KUBE_EDITOR: "sed -i 's/ttlSeconds: 60/ttlSeconds: soon/'",
      TMPDIR: cluster.home,
    });
    const refused = await nonsense(['edit', 'md', 'applied']);
    expect(refused.code).toBe(1);
    // kubectl opens the editor again with the reason on top, and keeps that file when nothing more is changed.
    const [, kept = ''] = /stored to "(.+)"/.exec(refused.stderr) ?? [];
    expect(readFileSync(kept, 'utf8')).toMatch(/^# \* spec\.cache\.ttlSeconds: /m);
    expect((await cluster.get('md', 'applied')).spec).toMatchObject({ cache: { ttlSeconds: 60 } });
  });

  test('delete takes the children along', async () => {
    expect(await cluster.run('delete', 'md', 'applied')).toContain('deleted');
    await eventually('its children are gone', async () => {
      const children = await cluster.run('get', 'deploy,rs,po,svc,cm,sa,pdb', '-o', 'name');
      return !children.includes('/applied');
    });
    expect(await cluster.run('get', 'md', '-o', 'name')).toBe(`${NAME}/digits\n${NAME}/volatility\n`);
  });

  test.each<[string, string, (text: string) => string]>([
    [
      'a field that does not exist',
      'unknown field "spec.replicaz"',
      (text) => text.replace('replicas', 'replicaz'),
    ],
    [
      'a word where a number belongs',
      'spec.replicas',
      (text) => text.replace('replicas: 1', 'replicas: many'),
    ],
    ['a negative number of pods', 'spec.replicas', (text) => text.replace('replicas: 1', 'replicas: -1')],
    ['no model', 'spec.model', (text) => text.replace(/ {2}model:\n( {4}.*\n)+/, '')],
    ['a digest that is none', 'spec.model.digest', (text) => text.replace(/sha256:\w+/, 'sha256:beef')],
    [
      'a version that is a number',
      'spec.model.version',
      (text) => text.replace('version: "1"', 'version: 1'),
    ],
    [
      'a strategy nobody knows',
      'spec.rollout.strategy',
      (text) => `${text}  rollout: { strategy: Sideways }\n`,
    ],
    [
      'two sources at once',
      'spec.source',
      (text) => `${text}  source: { image: {}, http: { url: "https://models.example/m.onnx" } }\n`,
    ],
  ])('refuses %s and names the place', async (_, place, change) => {
    const refused = await cluster.kubectl(['apply', '-f', '-'], manifest('nonsense', change));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(place);
    expect(refused.stderr.trim().split('\n').length).toBeLessThanOrEqual(4);
    expect((await cluster.kubectl(['get', 'md', 'nonsense'])).stderr).toContain('NotFound');
  });
});
