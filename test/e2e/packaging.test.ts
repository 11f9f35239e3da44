/** Chart, manifests, image and kind's configuration: what a real cluster is given. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { load, loadAll } from 'js-yaml';
import { helmPath } from '../support/kubectl.js';
import { type LocalCluster, startLocalCluster, temporaryFolder } from '../support/localCluster.js';
import { type Finished, ROOT, runProgram, SEARCH_PATH } from '../support/program.js';

const CHART = path.join(ROOT, 'charts', 'gantry');
const read = (...parts: string[]) => readFileSync(path.join(ROOT, ...parts), 'utf8');
const documents = (text: string) => (loadAll(text) as (Manifest | null)[]).filter((each) => each !== null);

interface Container {
  readonly args?: readonly string[];
  readonly securityContext?: unknown;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: unknown;
  readonly roleRef?: unknown;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec: { readonly securityContext?: unknown; readonly containers: readonly Container[] };
    };
  };
}

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  defaults: [],
  'a Redis of the chart': ['redis.enabled=true', 'redis.maxMemory=64mb'],
  'a Redis of its own': ['redis.enabled=true', 'redis.url=redis://cache.example:6379'],
  'one namespace': ['operator.watchNamespace=models'],
  everything: [
    'image.repository=registry.example/gantry',
    'image.tag=1.2.3',
    'image.pullPolicy=Always',
    'operator.replicas=2',
    'operator.workers=8',
    'operator.logLevel=debug',
    'operator.watchNamespace=models',
    'redis.enabled=true',
  ],
};

describe('the chart', () => {
  const home = temporaryFolder();
  afterAll(() => rmSync(home, { recursive: true }));

  const helm = (...args: string[]): Promise<Finished> =>
    runProgram(helmPath(), args, { env: { PATH: SEARCH_PATH, HOME: home } });
  const sets = (values: readonly string[]) => values.flatMap((value) => ['--set', value]);
  const render = async (values: readonly string[]): Promise<string> => {
    const flags = ['--namespace', 'gantry-system', '--include-crds', ...sets(values)];
    const { code, stdout, stderr } = await helm('template', 'gantry', CHART, ...flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  test.each(Object.entries(OPTIONS))('passes helm lint with %s', async (_, values) => {
    const { code, stdout } = await helm('lint', '--strict', CHART, ...sets(values));
    expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(code).toBe(0);
  });

  test('refuses values of the wrong type and values it does not know', async () => {
    for (const value of ['operator.replicas=many', 'operator.replicaz=2', 'operator.logLevel=loud']) {
      const { code, stderr } = await helm('template', 'gantry', CHART, '--set', value);
      expect({ value, code }).toEqual({ value, code: 1 });
      expect(stderr).toContain(value.split(/[.=]/)[1]);
    }
  });

  test('gives the operator the rules of manifests/rbac.yaml, and the Lease in its own namespace alone', async () => {
    const rules = (all: readonly Manifest[], kind: string) => all.find((each) => each.kind === kind)?.rules;
    const rendered = documents(await render([]));
    const manifests = documents(read('manifests', 'rbac.yaml'));
    for (const kind of ['ClusterRole', 'Role']) {
      expect(rules(rendered, kind)).toEqual(rules(manifests, kind));
      expect(rules(manifests, kind)).toEqual(expect.arrayContaining([expect.anything()]));
    }
    expect(load(read('charts', 'gantry', 'rules.yaml'))).toEqual(rules(manifests, 'ClusterRole'));
    expect(JSON.stringify(rules(manifests, 'ClusterRole'))).not.toContain('leases');
    expect(rendered.find(({ kind }) => kind === 'Role')?.metadata.namespace).toBe('gantry-system');
  });

  test('binds those rules in one namespace when it watches one', async () => {
    const all = documents(await render(OPTIONS['one namespace'] ?? []));
    expect(all.map(({ kind }) => kind)).not.toContain('ClusterRoleBinding');
    const binding = all.find((each) => each.kind === 'RoleBinding' && each.metadata.namespace === 'models');
    expect(binding?.roleRef).toMatchObject({ kind: 'ClusterRole' });
    const operator = all.find(({ kind }) => kind === 'Deployment');
    expect(operator?.spec?.template?.spec.containers[0]?.args).toContain('--namespace=models');
  });

  test('tells the operator about Redis, and runs one only when asked for', async () => {
    const names = (all: readonly Manifest[]) =>
      all.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    const args = (all: readonly Manifest[]) =>
      all
        .find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'gantry-operator')
        ?.spec?.template?.spec.containers[0]?.args?.filter((each) => each.startsWith('--redis-url'));
    const without = documents(await render([]));
    expect([names(without), args(without)]).toEqual([['gantry-operator'], []]);
    const own = documents(await render(OPTIONS['a Redis of the chart'] ?? []));
    expect(names(own).sort()).toEqual(['gantry-operator', 'gantry-redis']);
    expect(args(own)).toEqual(['--redis-url=redis://gantry-redis.gantry-system.svc:6379']);
    const other = documents(await render(OPTIONS['a Redis of its own'] ?? []));
    expect([names(other), args(other)]).toEqual([
      ['gantry-operator'],
      ['--redis-url=redis://cache.example:6379'],
    ]);
  });

  test('runs every container without privileges', async () => {
    const all = documents(await render(OPTIONS.everything ?? []));
    const pods = all.map(({ spec }) => spec?.template?.spec).filter((each) => each !== undefined);
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
      for (const { securityContext } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  describe('and the manifests', () => {
    let cluster: LocalCluster;
    const flags = ['--no-nodes', '--no-operator', '--no-samples'];

    beforeAll(async () => {
      cluster = await startLocalCluster({ flags });
      for (const name of ['gantry-system', 'models']) await cluster.run('create', 'namespace', name);
    }, 90_000);
    afterAll(() => cluster.dispose(), 30_000);

    async function accepted(text: string): Promise<void> {
      const args = ['apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      const { code, stdout, stderr } = await cluster.kubectl(args, text);
      expect({ code, stderr: withoutAdoption(stderr) }).toEqual({ code: 0, stderr: '' });
      expect(stdout.trimEnd().split('\n')).toHaveLength(documents(text).length);
    }

    /** The definition and the namespaces were not made by kubectl apply. */
    const withoutAdoption = (stderr: string) =>
      stderr.replace(/^Warning: resource \S+ is missing the kubectl\.kubernetes\.io\/last-applied.*\n/gm, '');

    test.each(Object.entries(OPTIONS))('are accepted by an API server: chart with %s', async (_, values) => {
      await accepted(await render(values));
    });

    test.each([
      ...readdirSync(path.join(ROOT, 'manifests'))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => `manifests/${file}`),
      'manifests/samples/digits.yaml',
      'manifests/samples/volatility.yaml',
    ])('are accepted by an API server: %s', async (file) => {
      await accepted(read(file));
    });
  });
});

describe('the image', () => {
  const lines = read('Dockerfile').replace(/\\\n/g, ' ').split('\n');
  const instructions = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  test('is built in stages, all from one Node with long-term support', () => {
    const stages = instructions('FROM');
    expect(stages.length).toBeGreaterThanOrEqual(2);
    for (const stage of stages) expect(stage).toMatch(/^node:\$\{NODE_VERSION\}-\w+-slim/);
    const [version = ''] = instructions('ARG');
    expect(Number(version.replace('NODE_VERSION=', '')) % 2).toBe(0);
  });

  test('runs as a number that is not root', () => {
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER 65532:65532']);
    expect(last.join('\n')).not.toMatch(/^RUN /m);
  });

  test('holds the models and the program, and no development packages', () => {
    for (const stage of ['production', 'staging', 'archive']) {
      expect(last).toContain(`COPY models/${stage} models/${stage}`);
    }
    expect(last).toContain('COPY --from=build /app/dist dist');
    expect(last).toContain('COPY --from=dependencies /app/node_modules node_modules');
    expect(lines.some((line) => /npm ci --omit=dev/.test(line))).toBe(true);
    expect(last).toContain('ENTRYPOINT ["node", "--max-semi-space-size=8", "/app/bin/gantry.js"]');
  });

  test('copies only what is in the repository', () => {
    const ignored = read('.dockerignore').split('\n');
    const sources = instructions('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    for (const source of sources) {
      expect(() => readdirSync(path.dirname(path.join(ROOT, source)))).not.toThrow();
      expect(readdirSync(path.dirname(path.join(ROOT, source)))).toContain(path.basename(source));
      expect(ignored).not.toContain(source);
    }
  });
});

describe('kind-config.yaml', () => {
  test('describes a cluster for kind with ports on loopback alone', () => {
    const config = load(read('kind-config.yaml')) as {
      kind: string;
      apiVersion: string;
      nodes: { extraPortMappings: { listenAddress: string }[] }[];
    };
    expect(config).toMatchObject({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' });
    for (const { listenAddress } of config.nodes.flatMap((node) => node.extraPortMappings)) {
      expect(listenAddress).toBe('127.0.0.1');
    }
  });
});
