import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom, silentLogger, systemClock } from '../../../src/base/index.js';
import { type Client, createClient, type KubeObject, resourceTypes } from '../../../src/kube/index.js';
import { createApiServer, memoryStorage } from '../../../src/local/apiserver/index.js';
import { createControllers } from '../../../src/local/controllers/index.js';
import { createNodeAgent, type LocalImage, type NodeAgent } from '../../../src/local/node/index.js';
import { isPodReady, type Deployment, type Pod, type Service } from '../../../src/local/objects/index.js';

/** A program that listens on its pod's address and answers with its pod's name. */
const SERVER = `
  const { createServer } = require('node:http');
  const server = createServer((request, response) => response.end(process.env.HOSTNAME));
  server.listen(8080, process.env.POD_IP);
  console.log('listening');
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

const image: LocalImage = {
  matches: (name) => name === 'example.com/web:1' || name === 'example.com/web:2',
  paths: {},
  command: [process.execPath, '-e', SERVER],
  env: () => ({}),
};

async function until<T>(read: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function fetchText(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('utf8')));
    socket.once('end', () => resolve(text.split('\r\n\r\n')[1] ?? ''));
    socket.once('error', reject);
    socket.end('GET / HTTP/1.0\r\n\r\n');
  });
}

describe('a cluster of processes', () => {
  let home: string;
  let client: Client;
  let node: NodeAgent;
  let stop: AbortController;
  let running: Promise<unknown>;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'gantry-node-'));
    const options = { clock: systemClock, random: seededRandom(1), logger: silentLogger };
    const server = createApiServer({ ...options, storage: memoryStorage(), serviceCidr: '127.97.0.0/24' });
    client = createClient({ ...options, transport: server, fieldManager: 'test' });
    node = createNodeAgent({ ...options, client, home, images: [image], podCidr: '127.66.0.0/24' });
    stop = new AbortController();
    running = Promise.all([node.run(stop.signal), createControllers({ ...options, client }).run(stop.signal)]);
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await rm(home, { recursive: true, force: true });
  });

  const pods = async () => (await client.list<Pod>(resourceTypes.pods, { namespace: 'default' })).items;
  const readyPods = async () => (await pods()).filter(isPodReady);

  it('runs a deployment, routes its service, replaces a killed process and rolls over', async () => {
    await client.create(resourceTypes.serviceAccounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'default' },
    } as KubeObject);
    await client.create<Deployment>(resourceTypes.deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              {
                name: 'web',
                image: 'example.com/web:1',
                ports: [{ name: 'http', containerPort: 8080 }],
                readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    });
    const service = await client.create<Service>(resourceTypes.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 'http' }] },
    });
    const ready = await until(async () => {
      const found = await readyPods();
      return found.length === 2 ? found : undefined;
    }, 'two ready pods');
    const host = service.spec.clusterIP ?? '';
    const answers = await until(async () => {
      const seen = new Set<string>();
      for (let index = 0; index < 4; index += 1) seen.add(await fetchText(host, 8080).catch(() => ''));
      return seen.size === 2 && !seen.has('') ? seen : undefined;
    }, 'both pods to answer');
    expect([...answers].sort()).toEqual(ready.map(({ metadata }) => metadata.name).sort());

    const victim = ready[0]?.status?.containerStatuses?.[0]?.containerID ?? '';
    process.kill(Number(/process:\/\/(\d+)/.exec(victim)?.[1]), 'SIGKILL');
    await until(async () => {
      const found = await readyPods();
      const restarted = found.some((pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1);
      return restarted && found.length === 2 ? true : undefined;
    }, 'the killed process to come back');

    const patch = { spec: { template: { metadata: { labels: { version: '2' } } } } };
    await client.patch(resourceTypes.deployments, { namespace: 'default', name: 'web' }, patch, { type: 'merge' });
    await until(async () => {
      const found = await pods();
      const rolled = found.every(({ metadata }) => metadata.labels?.['version'] === '2');
      return rolled && found.length === 2 && found.every(isPodReady) ? true : undefined;
    }, 'the roll-over');
    const [first] = await readyPods();
    const chunks: Buffer[] = [];
    for await (const chunk of await node.podLogs('default', first?.metadata.name ?? '', {})) {
      chunks.push(Buffer.from(chunk));
    }
    expect(Buffer.concat(chunks).toString('utf8')).toBe('listening\n');
  }, 60_000);
});
