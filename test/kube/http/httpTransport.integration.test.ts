import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { ProblemError } from '../../../src/base/index.js';
import { type ApiRequest, type HttpTransport, httpTransport } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { type Authority, createAuthority, type KeyPair } from './certificates.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const GET: ApiRequest = { method: 'GET', path: '/api/v1/pods', headers: { accept: 'application/json' } };
const POST: ApiRequest = { method: 'POST', path: '/api/v1/pods', headers: {}, body: '{}' };

let authority: Authority;
let client: KeyPair;
let server: Server;
let url: string;
let folder: string;
let handler: Handler;
let clock: VirtualClock;
const transports: HttpTransport[] = [];

beforeAll(async () => {
  authority = await createAuthority('test');
  client = await authority.issue('somebody');
  const tls = await authority.issue('apiserver');
  server = createServer(
    { ...tls, ca: authority.ca, requestCert: true, rejectUnauthorized: false },
    (req, res) => handler(req, res),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-http-'));
  clock = new VirtualClock();
  handler = (request, response) => response.end(request.headers.authorization ?? 'nobody');
});

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  await rm(folder, { recursive: true });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function writeKubeconfig(user: object, cluster: object = {}): Promise<string> {
  const path = join(folder, 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      { name: 'c', cluster: { server: url, 'certificate-authority-data': base64(authority.ca), ...cluster } },
    ],
    users: [{ name: 'u', user }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function open(user: object, cluster: object = {}): Promise<HttpTransport> {
  const path = await writeKubeconfig(user, cluster);
  const transport = await httpTransport({ access: { kubeconfig: { path } }, clock });
  transports.push(transport);
  return transport;
}

async function read(transport: HttpTransport, request = GET): Promise<string> {
  const { status, body } = await transport.send(request);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return `${status} ${Buffer.concat(chunks).toString()}`;
}

describe('the HTTP transport', () => {
  it('shows the kubeconfig\u2019s token, and uses one connection for request after request', async () => {
    const ports = new Set<number | undefined>();
    handler = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end(request.headers.authorization);
    };
    const transport = await open({ token: 'secret' });
    for (let turn = 0; turn < 3; turn++) expect(await read(transport)).toBe('200 Bearer secret');
    expect(ports.size).toBe(1);
  });

  it('shows the kubeconfig\u2019s client certificate', async () => {
    handler = (request, response) =>
      response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    const transport = await open({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(client.key),
    });
    expect(await read(transport)).toBe('200 somebody');
  });

  it('sends the method, the path, the headers and the body as they are', async () => {
    handler = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () =>
        response.end(`${request.method} ${request.url} ${String(request.headers['x-a'])} ${body}`),
      );
    };
    const transport = await open({ token: 't' });
    const request: ApiRequest = { method: 'PUT', path: '/a%20b?c=d', headers: { 'x-a': 'b' }, body: 'größe' };
    expect(await read(transport, request)).toBe('200 PUT /a%20b?c=d b größe');
  });

  it('finds files from the folder of the kubeconfig, and reads a rotated token after a minute', async () => {
    await writeFile(join(folder, 'token'), 'first\n');
    const transport = await open({ tokenFile: 'token' });
    expect(await read(transport)).toBe('200 Bearer first');
    await writeFile(join(folder, 'token'), 'second\n');
    expect(await read(transport)).toBe('200 Bearer first');
    await clock.advance(61_000);
    expect(await read(transport)).toBe('200 Bearer second');
  });

  it('reads the token again at once when the server no longer accepts it', async () => {
    await writeFile(join(folder, 'token'), 'old');
    handler = (request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer new' ? 200 : 401;
      response.end(request.headers.authorization);
    };
    const transport = await open({ tokenFile: 'token' });
    expect(await read(transport)).toBe('401 Bearer old');
    await writeFile(join(folder, 'token'), 'new');
    await clock.advance(5_000);
    expect(await read(transport)).toBe('200 Bearer new');
  });

  it('runs the kubeconfig\u2019s plugin, and runs it again when its token is refused', async () => {
    const plugin = join(folder, 'plugin.cjs');
    const script = `const fs = require('fs'), log = ${JSON.stringify(join(folder, 'runs'))};
      fs.appendFileSync(log, 'x');
      const token = 'run-' + fs.readFileSync(log).length;
      console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }));`;
    await writeFile(plugin, script);
    handler = (request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer run-2' ? 200 : 401;
      response.end(request.headers.authorization);
    };
    const transport = await open({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: [plugin],
        interactiveMode: 'Never',
      },
    });
    await clock.advance(5_000);
    expect(await read(transport)).toBe('200 Bearer run-2');
    expect(await read(transport)).toBe('200 Bearer run-2');
  });

  it('says which kubeconfig\u2019s plugin failed, in the plugin\u2019s words', async () => {
    const args = ['-e', 'console.error("log in first"); process.exit(1)'];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args };
    await expect(open({ exec })).rejects.toThrow(
      `${join(folder, 'config')}: gives no credentials: log in first`,
    );
  });

  it('keeps the token it has while the file is being replaced', async () => {
    await writeFile(join(folder, 'token'), 'first');
    const transport = await open({ tokenFile: 'token' });
    await rm(join(folder, 'token'));
    for (let turn = 0; turn < 3; turn++) {
      await clock.advance(61_000);
      expect(await read(transport)).toBe('200 Bearer first');
    }
    await writeFile(join(folder, 'token'), 'second');
    await clock.advance(61_000);
    expect(await read(transport)).toBe('200 Bearer second');
  });

  it('shows the pod\u2019s service account in a cluster', async () => {
    await writeFile(join(folder, 'token'), 'pod-token');
    await writeFile(join(folder, 'ca.crt'), authority.ca);
    const { hostname: host, port } = new URL(url);
    const transport = await httpTransport({ access: { inCluster: { host, port, folder } }, clock });
    transports.push(transport);
    expect(await read(transport)).toBe('200 Bearer pod-token');
  });

  it('streams an answer as it comes, and ends the connection when its reader aborts', async () => {
    let closed: Promise<void> | undefined;
    handler = (request, response) => {
      closed = new Promise((resolve) => request.socket.once('close', () => resolve()));
      response.write('first\n');
    };
    const transport = await open({ token: 't' });
    const stop = new AbortController();
    const { body } = await transport.send({ ...GET, signal: stop.signal });
    const reader = body[Symbol.asyncIterator]();
    expect(String(await reader.next().then(({ value }) => Buffer.from(value as Uint8Array)))).toBe('first\n');
    stop.abort();
    await expect(reader.next()).rejects.toThrow();
    await closed;
  });

  it('throws when the connection breaks in the middle of an answer', async () => {
    handler = (_request, response) => {
      response.write('half');
      setImmediate(() => response.destroy());
    };
    await expect(read(await open({ token: 't' }))).rejects.toThrow();
  });

  it('repeats a request that met a connection just closed by the server, unless it creates something', async () => {
    let requests = 0;
    handler = (request, response) => {
      requests += 1;
      if (requests % 2 === 0) request.socket.destroy();
      else response.end('ok');
    };
    const transport = await open({ token: 't' });
    expect(await read(transport)).toBe('200 ok');
    expect(await read(transport)).toBe('200 ok');
    await expect(transport.send(POST)).rejects.toThrow(ProblemError);
    expect(requests).toBe(4);
  });

  it('says which server does not answer, and what to check', async () => {
    const transport = await open({ token: 't' }, { server: 'https://127.0.0.1:1' });
    await expect(transport.send(GET)).rejects.toThrow(
      'https://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1; check that the cluster runs',
    );
  });

  it('refuses a server whose certificate it does not trust, unless told not to look', async () => {
    const stranger = await createAuthority('stranger');
    const cluster = { 'certificate-authority-data': base64(stranger.ca) };
    const transport = await open({ token: 't' }, cluster);
    await expect(transport.send(GET)).rejects.toThrow('check the certificate authority');
    const careless = await open({ token: 't' }, { ...cluster, 'insecure-skip-tls-verify': true });
    expect(await read(careless)).toBe('200 Bearer t');
  });

  it.each([
    ['has no context "there"', (path: string) => ({ path, context: 'there' })],
    ['cannot be read (ENOENT)', (path: string) => ({ path: `${path}-missing` })],
  ])('says what is wrong with a kubeconfig that %s', async (message, file) => {
    const path = await writeKubeconfig({ token: 't' });
    const kubeconfig = file(path);
    const opening = httpTransport({ access: { kubeconfig }, clock });
    await expect(opening).rejects.toThrow(`${kubeconfig.path}: ${message}`);
  });

  it.each([
    ['a: [', 'not YAML'],
    ['just text', 'not a kubeconfig'],
    ['{}', 'names no context'],
  ])('refuses %j as a kubeconfig: %s', async (text, message) => {
    const path = join(folder, 'config');
    await writeFile(path, text);
    await chmod(path, 0o600);
    await expect(httpTransport({ access: { kubeconfig: { path } }, clock })).rejects.toThrow(message);
  });
});
