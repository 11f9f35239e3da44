import { seededRandom } from '../../../src/base/index.js';
import {
  type ApiServer,
  createApiServer,
  memoryStorage,
  type Storage,
} from '../../../src/local/apiserver/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

function start(storage: Storage = memoryStorage(), clock = new VirtualClock()): ApiServer {
  return createApiServer({
    clock,
    random: seededRandom(1),
    storage,
    serviceCidr: '10.0.0.0/29',
  });
}

async function call(
  server: ApiServer,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
) {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const response = await server.send({
    method,
    path,
    headers: { 'content-type': contentType },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.status, headers: response.headers, body: JSON.parse(text) } as Answer;
}

const service = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const SERVICES = '/api/v1/namespaces/default/services';

describe('the API server', () => {
  it('has the namespaces of a new cluster, and makes them once', async () => {
    const storage = memoryStorage();
    const first = start(storage);
    const before = await call(first, 'GET', '/api/v1/namespaces/default');
    await first.close();
    const again = await call(start(storage), 'GET', '/api/v1/namespaces/default');
    expect(again.status).toBe(200);
    expect(again.body['metadata']).toEqual(before.body['metadata']);
  });

  it('gives each Service an address of the range, keeps it in updates, and takes it back', async () => {
    const server = start();
    const addresses: unknown[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const { status, body } = await call(server, 'POST', SERVICES, service(name));
      expect(status).toBe(201);
      addresses.push((body['spec'] as { clusterIP: string }).clusterIP);
    }
    expect(new Set(addresses).size).toBe(5);
    expect((await call(server, 'POST', SERVICES, service('full'))).status).toBe(422);
    const updated = await call(server, 'PUT', `${SERVICES}/a`, service('a', { ports: [{ port: 81 }] }));
    expect(updated.body['spec']).toMatchObject({ clusterIP: addresses[0] });
    await call(server, 'DELETE', `${SERVICES}/a`);
    const next = await call(server, 'POST', SERVICES, service('f'));
    expect(next.body['spec']).toMatchObject({ clusterIP: addresses[0] });
  });

  it('serves the custom resources an earlier process left', async () => {
    const storage = memoryStorage();
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.demo.dev' },
      spec: {
        group: 'demo.dev',
        scope: 'Cluster',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    };
    const first = start(storage);
    await call(first, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    const thing = { apiVersion: 'demo.dev/v1', kind: 'Thing', metadata: { name: 't' } };
    expect((await call(first, 'POST', '/apis/demo.dev/v1/things', thing)).status).toBe(201);
    await first.close();
    expect((await call(start(storage), 'GET', '/apis/demo.dev/v1/things/t')).status).toBe(200);
  });

  it('reads null in a list as an empty item, as Go does', async () => {
    const { status, body } = await call(start(), 'POST', SERVICES, service('a', { ports: [null] }));
    expect(status).toBe(422);
    expect(body['message']).toContain('spec.ports[0].port: Invalid value: 0');
  });

  it.each([
    [1.5, 'number 1.5'],
    [true, 'bool'],
    [['x'], 'array'],
    [{ a: 1 }, 'object'],
  ])('refuses %j where a number or a text belongs', async (targetPort, found) => {
    const ports = [{ port: 80, targetPort }];
    const { status, body } = await call(start(), 'POST', SERVICES, service('a', { ports }));
    expect(status).toBe(400);
    expect(body['message']).toBe(
      `Service in version "v1" cannot be handled as a Service: json: cannot unmarshal ${found} into Go struct field ServicePort.spec.ports.targetPort of type int32`,
    );
  });

  it('answers a body of more than 3 MiB with 413', async () => {
    const { status, body } = await call(start(), 'POST', SERVICES, 'x'.repeat(3 * 1024 * 1024 + 1));
    expect(status).toBe(413);
    expect(body['reason']).toBe('RequestEntityTooLarge');
  });

  it.each(['constructor', '__proto__', 'toString'])('takes %s for a name like any other', async (name) => {
    const server = start();
    const path = '/api/v1/namespaces/default/configmaps';
    expect((await call(server, 'GET', `${path}/${name}`)).status).toBe(404);
    const map = `{"metadata":{"name":"m"},"data":{"${name}":"v"}}`;
    const { body } = await call(server, 'POST', path, map);
    expect(Object.entries(body['data'] as object)).toEqual([[name, 'v']]);
  });

  it('keeps asking what a pod eviction may break', async () => {
    const server = start();
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await call(server, 'POST', budgets, {
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } },
    });
    const pod = {
      metadata: { name: 'p', labels: { app: 'x' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    expect((await call(server, 'POST', '/api/v1/namespaces/default/pods', pod)).status).toBe(201);
    const evict = () =>
      call(server, 'POST', '/api/v1/namespaces/default/pods/p/eviction', { metadata: { name: 'p' } });
    expect((await evict()).status).toBe(429);
    await call(server, 'DELETE', `${budgets}/b`);
    expect((await evict()).status).toBe(201);
    expect((await call(server, 'GET', '/api/v1/namespaces/default/pods/p')).status).toBe(404);
  });

  it('ends open watches when it is closed, and one whose client has left already at once', async () => {
    const server = start();
    const watch = (signal: AbortSignal) =>
      server.send({
        method: 'GET',
        path: '/api/v1/namespaces?watch=1&resourceVersion=0',
        headers: {},
        signal,
      });
    const open = await watch(new AbortController().signal);
    const left = await watch(AbortSignal.abort());
    const read = async (body: AsyncIterable<Uint8Array>) => {
      let text = '';
      for await (const chunk of body) text += Buffer.from(chunk).toString('utf8');
      return text.split('\n').length - 1;
    };
    expect(await read(left.body)).toBe(4);
    const reading = read(open.body);
    await server.close();
    expect(await reading).toBe(4);
  });

  it('lets events go an hour after they were last seen', async () => {
    const clock = new VirtualClock();
    const server = start(memoryStorage(), clock);
    const path = '/api/v1/namespaces/default/events';
    const event = (name: string) => ({
      metadata: { name },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    });
    const names = async () => {
      const { body } = await call(server, 'GET', path);
      return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    };
    await call(server, 'POST', path, event('old'));
    await clock.advance(45 * 60_000);
    await call(server, 'POST', path, event('young'));
    expect(await names()).toEqual(['old', 'young']);
    await clock.advance(16 * 60_000);
    await call(server, 'POST', path, event('new'));
    expect(await names()).toEqual(['new', 'young']);
  });
});
