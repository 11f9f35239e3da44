import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ModelDeployment } from '../../src/api/index.js';
import { systemClock } from '../../src/base/index.js';
import { awaitReady } from '../../src/cli/local/readiness.js';
import type { Client } from '../../src/kube/index.js';
import { testAuthority } from '../serving/auth/certificates.js';

async function waitFor(url: string) {
  const model = {
    metadata: { name: 'm', uid: '1', generation: 1 },
    spec: { replicas: 1 },
    status: {
      observedGeneration: 1,
      replicas: 1,
      readyReplicas: 1,
      url,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as unknown as ModelDeployment;
  const client = { list: () => Promise.resolve({ metadata: {}, items: [model] }) } as unknown as Client;
  const told: string[] = [];
  const models = await awaitReady({
    client,
    clock: systemClock,
    signal: new AbortController().signal,
    tell: (text) => told.push(text),
  });
  return { model, models, told };
}

describe('waiting for the models', () => {
  test('asks again when a URL takes the connection and never answers, and keeps no connection', async () => {
    const connections: (string | undefined)[] = [];
    const server = createServer((request, response: ServerResponse) => {
      connections.push(request.headers.connection);
      if (connections.length > 1) response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { models, model, told } = await waitFor(`http://127.0.0.1:${port}`);
    server.closeAllConnections();
    server.close();
    expect(models).toEqual([model]);
    expect(told).toEqual(['waiting for the models: m 1/1']);
    expect(connections).toEqual(['close', 'close']);
  });

  test('takes a server that wants a token, or TLS and a certificate, for one that answers', async () => {
    const guarded = createServer((_request, response) => response.writeHead(401).end());
    const authority = await testAuthority();
    const certificate = await authority.issue('m');
    const secured = createTlsServer({ ...certificate, ca: authority.cert, requestCert: true });
    for (const [scheme, server] of [['http', guarded] as const, ['https', secured] as const]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const { models, model } = await waitFor(`${scheme}://127.0.0.1:${port}`);
      expect(models).toEqual([model]);
      server.closeAllConnections();
      server.close();
    }
  });
});
