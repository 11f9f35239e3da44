import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, silentLogger, systemClock } from '../../../src/base/index.js';
import { type Client, createClient, resourceTypes } from '../../../src/kube/index.js';
import { createApiServer, memoryStorage, type Storage } from '../../../src/local/apiserver/index.js';
import { createControllers } from '../../../src/local/controllers/index.js';
import { createNodeAgent, type LocalImage, type NodeAgent } from '../../../src/local/node/index.js';
import type { Pod } from '../../../src/local/objects/index.js';

/** An image whose containers bring their own command: `node -e SCRIPT`. */
export const nodeImage: LocalImage = {
  matches: (name) => name.startsWith('example.com/node:'),
  paths: { '/app': '/opt/app' },
  command: [process.execPath],
  env: (podIP) => ({ LISTEN: podIP }),
};

/** Listens on its pod's address and answers with its pod's name; ends when its last connection has ended. */
export const SERVER = `
  const { createServer } = require('node:http');
  const server = createServer((request, response) => {
    setTimeout(() => response.end(process.env.HOSTNAME), Number(request.url.slice(1)));
  });
  server.listen(8080, process.env.LISTEN);
  console.log('listening');
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

/** A cluster of this machine's processes: API server, controllers and one node in this process. */
export interface ProcessCluster {
  readonly client: Client;
  readonly node: NodeAgent;
  readonly home: string;
  readonly storage: Storage;
  pod(name: string): Promise<Pod>;
  pods(): Promise<Pod[]>;
  /** Ends the node and the controllers; the state stays. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

let range = 0;

export async function startCluster(known?: { home: string; storage: Storage }): Promise<ProcessCluster> {
  const home = known?.home ?? (await mkdtemp(join(tmpdir(), 'gantry-node-')));
  const storage = known?.storage ?? memoryStorage();
  const options = { clock: systemClock, random: seededRandom(1), logger: silentLogger };
  const server = createApiServer({ ...options, storage, serviceCidr: `127.97.${process.pid % 250}.0/24` });
  const client = createClient({ ...options, transport: server, fieldManager: 'test' });
  const podCidr = `127.66.${(process.pid + range++) % 250}.0/24`;
  const node = createNodeAgent({
    ...options,
    client,
    home,
    images: [nodeImage],
    podCidr,
    machineEnv: { PATH: '/usr/bin:/bin' },
    shutdownGraceMs: 1000,
  });
  const stop = new AbortController();
  const running = Promise.all([
    node.run(stop.signal),
    createControllers({ ...options, client }).run(stop.signal),
  ]);
  const namespace = 'default';
  return {
    client,
    node,
    home,
    storage,
    pod: (name) => client.get<Pod>(resourceTypes.pods, { namespace, name }),
    pods: async () => (await client.list<Pod>(resourceTypes.pods, { namespace })).items,
    async stop() {
      stop.abort();
      await running;
    },
    async remove() {
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Polls until `read` gives a value; fails loudly when it does not within 15 s. */
export async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The body of GET / over a connection of its own. */
export function fetchText(host: string, port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('utf8')));
    socket.once('close', () => resolve(text.split('\r\n\r\n')[1] ?? ''));
    socket.once('error', reject);
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
  });
}

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

export function podObject(name: string, spec: Pod['spec'], annotations: Record<string, string> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name }, annotations },
    spec: { terminationGracePeriodSeconds: 1, ...spec },
  };
}
