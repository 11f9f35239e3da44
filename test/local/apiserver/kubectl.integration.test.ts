/** A real kubectl against the API server and its controllers, over TLS. There is no node: pods stay Pending. */
import { jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock, systemRandom } from '../../../src/base/index.js';
import { createClient } from '../../../src/kube/index.js';
import {
  type ApiServer,
  createApiServer,
  createCertificates,
  createControllers,
  listen,
  type Listener,
  memoryStorage,
} from '../../../src/local/index.js';
import { createKubectl, type Kubectl } from '../../support/kubectl.js';

const TOKEN = 'test-token';
const folder = mkdtempSync(join(tmpdir(), 'gantry-kubectl-'));

let server: ApiServer;
let listener: Listener;
let kubectl: Kubectl;
const stop = new AbortController();
let controllers: Promise<void>;

beforeAll(async () => {
  const certificates = await createCertificates(systemClock, {
    addresses: ['127.0.0.1'],
    names: ['localhost'],
  });
  server = createApiServer({
    clock: systemClock,
    random: systemRandom,
    storage: memoryStorage(),
    tokens: [{ token: TOKEN, user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] } }],
    async *podLogs(namespace, pod, { container }) {
      yield await Promise.resolve(Buffer.from(`${namespace}/${pod}/${container ?? ''}\n`));
    },
  });
  listener = await listen({ server, host: '127.0.0.1', port: 0, tls: certificates.server });
  const transport = {
    send: (request: Parameters<ApiServer['send']>[0]) =>
      server.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${TOKEN}` } }),
  };
  const client = createClient({
    transport,
    clock: systemClock,
    fieldManager: 'kube-controller-manager',
    logger: silentLogger,
  });
  controllers = createControllers({
    client,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  }).run(stop.signal);
  const authority = Buffer.from(certificates.authority.cert).toString('base64');
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'c',
          cluster: { server: `https://127.0.0.1:${listener.port}`, 'certificate-authority-data': authority },
        },
      ],
      users: [{ name: 'u', user: { token: TOKEN } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
      'current-context': 'x',
    }),
  );
  kubectl = createKubectl({ kubeconfig, home: folder, env: { KUBE_EDITOR: 'sed -i s/first/edited/' } });
}, 60_000);

afterAll(async () => {
  stop.abort();
  await controllers;
  await listener.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

/** Standard output of a command that must succeed. */
async function ok(args: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args.split(' '), input);
  if (code !== 0) throw new Error(`kubectl ${args}: ${stderr}`);
  return stdout;
}

async function refused(args: string, input?: string): Promise<string> {
  const { code, stderr } = await kubectl(args.split(' '), input);
  expect(code).not.toBe(0);
  return stderr;
}

const deployment = (replicas: number, name = 'web') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: "example.com/web:1"}]}
`;

const WIDGETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.demo.dev}
spec:
  group: demo.dev
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
      additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            apiVersion: {type: string, description: the author's own words}
            spec:
              type: object
              description: what is wanted
              required: [size]
              properties:
                size: {type: integer, minimum: 1, description: how big}
                replicas: {type: integer, default: 1}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;

const widget = (size: number) => `
apiVersion: demo.dev/v1
kind: Widget
metadata: {name: w}
spec: {size: ${size}}
`;

jest.setTimeout(60_000);

describe('kubectl', () => {
  it('finds a server of its own version and its kinds', async () => {
    expect(await ok('version')).toContain('Server Version: v1.35');
    const resources = await ok('api-resources');
    expect(resources).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
    expect(resources).toMatch(/^customresourcedefinitions +crd,crds +/m);
  });

  it('applies from the client: created, unchanged, configured', async () => {
    expect(await ok('apply -f -', deployment(1))).toContain('deployment.apps/web created');
    expect(await ok('apply -f -', deployment(1))).toContain('unchanged');
    const { code, stdout } = await kubectl(['diff', '-f', '-'], deployment(2));
    expect(code).toBe(1);
    expect(stdout).toMatch(/-\s+replicas: 1\n\+\s+replicas: 2/);
    expect(await ok('apply -f -', deployment(2))).toContain('configured');
  });

  it('applies from the server, and is told of conflicts', async () => {
    expect(await ok('apply --server-side -f -', deployment(1, 'ssa'))).toContain('serverside-applied');
    const conflict = await refused('apply --server-side --field-manager=other -f -', deployment(3, 'ssa'));
    expect(conflict).toContain('Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas');
    await ok('apply --server-side --field-manager=other --force-conflicts -f -', deployment(3, 'ssa'));
    expect(await ok('get deploy ssa -o jsonpath={.spec.replicas}')).toBe('3');
  });

  it('shows a deployment, its pods and its events', async () => {
    await ok('wait --for=jsonpath={.status.replicas}=2 deploy/web --timeout=30s');
    expect(await ok('get deploy,rs,po')).toMatch(/deployment\.apps\/web +0\/2 +2 +0 /);
    expect(await ok('describe deploy web')).toContain('Scaled up replica set web-');
    expect(await ok('events --for deploy/web')).toContain('ScalingReplicaSet');
    expect(await ok('logs deploy/web')).toMatch(/^default\/web-\w+-\w+\/main$/m);
  });

  it('scales and waits for a rollout', async () => {
    expect(await ok('scale deploy web --replicas=0')).toContain('scaled');
    expect(await ok('rollout status deploy/web --timeout=30s')).toContain('successfully rolled out');
  });

  it('explains fields of built-in kinds', async () => {
    expect(await ok('explain deployment.spec.replicas')).toContain('Number of desired pods');
    expect(await ok('explain pod.spec.containers --recursive')).toMatch(/^ {2}image\t<string>$/m);
  });

  it('sends protobuf where it has its own commands', async () => {
    expect(await ok('create namespace other')).toContain('namespace/other created');
    expect(await refused('create namespace other')).toContain('AlreadyExists');
    await ok('create configmap settings --from-literal=a=first -n other');
    await ok('create secret generic keys --from-literal=a=b -n other');
    expect(await ok('get secret keys -n other -o jsonpath={.data.a}')).toBe('Yg==');
    await ok('create deployment quick --image=example.com/q:1 --replicas=0 --port=80 -n other');
    expect(await ok('get deploy quick -n other -o jsonpath={.spec.replicas}')).toBe('0');
    await ok('create role reader --verb=get --resource=pods -n other');
    await ok('autoscale deploy quick --min=1 --max=2 -n other');
    expect(await ok('auth can-i create deployments')).toBe('yes\n');
    expect(await ok('auth whoami')).toContain('admin');
  });

  it('edits what is there', async () => {
    expect(await ok('edit configmap settings -n other')).toContain('configmap/settings edited');
    expect(await ok('get configmap settings -n other -o jsonpath={.data.a}')).toBe('edited');
  });

  it('defines a kind and uses it', async () => {
    await ok('apply -f -', WIDGETS);
    await ok('wait --for=condition=Established crd/widgets.demo.dev --timeout=30s');
    expect(await ok('apply -f -', widget(2))).toContain('widget.demo.dev/w created');
    expect(await refused('apply -f -', widget(0))).toContain(
      'The Widget "w" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    );
    expect(await refused('apply -f -', `${widget(2).trimEnd().slice(0, -1)}, odd: 1}\n`)).toContain(
      'unknown field "spec.odd"',
    );
    expect(await ok('get wd')).toMatch(/^NAME +SIZE\nw +2 *$/m);
    expect(await ok('explain wd.spec.size')).toContain('how big');
    expect(await ok('explain wd.apiVersion')).toContain('APIVersion defines the versioned schema');
    expect(await ok('scale wd w --replicas=3')).toContain('scaled');
    expect(await ok('get wd w -o jsonpath={.spec.replicas}/{.metadata.generation}')).toBe('3/2');
  });

  it('deletes what it made', async () => {
    await ok('delete wd w');
    await ok('delete crd widgets.demo.dev');
    expect(await refused('get widgets')).toContain('NotFound');
    expect(await ok('delete deploy web ssa')).toContain('deployment.apps "web" deleted');
  });
});
