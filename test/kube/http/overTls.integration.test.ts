import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, silentLogger, systemClock } from '../../../src/base/index.js';
import {
  createClient,
  createInformer,
  httpTransport,
  isUnauthorized,
  type KubeObject,
  resourceTypes,
} from '../../../src/kube/index.js';
import { createApiServer, createCertificates, listen, memoryStorage } from '../../../src/local/index.js';

const { configMaps } = resourceTypes;
const random = seededRandom(1);

async function startCluster(token: string) {
  const folder = await mkdtemp(join(tmpdir(), 'kube-tls-'));
  const server = createApiServer({
    clock: systemClock,
    random,
    storage: memoryStorage(),
    tokens: [{ token: 'good', user: { name: 'admin', groups: ['system:masters'] } }],
  });
  const hosts = { addresses: ['127.0.0.1'], names: ['localhost'] };
  const { authority, server: tls } = await createCertificates(systemClock, hosts);
  const listener = await listen({ server, host: '127.0.0.1', port: 0, tls });
  const path = join(folder, 'kubeconfig');
  const cluster = {
    server: `https://127.0.0.1:${listener.port}`,
    'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
  };
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token } }],
  };
  await writeFile(path, JSON.stringify(config));
  const transport = await httpTransport({ access: { kubeconfig: { path } }, clock: systemClock });
  const client = createClient({ transport, fieldManager: 'test', clock: systemClock });
  const close = async () => {
    transport.close();
    await listener.close();
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { client, close };
}

function configMap(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: {} };
}

describe('the runtime over TLS', () => {
  it('lists, watches and writes with a kubeconfig\u2019s token', async () => {
    const { client, close } = await startCluster('good');
    const stop = new AbortController();
    const informer = createInformer({
      client,
      type: configMaps,
      clock: systemClock,
      random,
      logger: silentLogger,
    });
    const running = informer.run(stop.signal);
    await informer.synced();
    const arrived = new Promise<void>((resolve) => {
      informer.subscribe(({ object }) => {
        if (object.metadata.name === 'late') resolve();
      });
    });
    await client.apply(configMaps, configMap('late'));
    await arrived;
    expect(informer.store.get('default/late')?.metadata.resourceVersion).toBeDefined();
    stop.abort();
    await running;
    await close();
  });

  it('is told when its token is not good', async () => {
    const { client, close } = await startCluster('bad');
    const error: unknown = await client.list(configMaps).catch((thrown: unknown) => thrown);
    expect(isUnauthorized(error)).toBe(true);
    await close();
  });
});
