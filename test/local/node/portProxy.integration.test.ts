import { createServer, type Server, type Socket } from 'node:net';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/base/index.js';
import { PortProxy } from '../../../src/local/node/service/portProxy.js';

interface Backend {
  readonly server: Server;
  readonly address: { host: string; port: number };
}

/** Echoes in upper case and half-closes after the client did. */
async function startBackend(host: string): Promise<Backend> {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.on('data', (chunk) => socket.write(chunk.toString().toUpperCase()));
    socket.on('end', () => socket.end(`bye from ${host}`));
    socket.on('error', () => undefined);
  });
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  return { server, address: { host, port: typeof address === 'object' ? (address?.port ?? 0) : 0 } };
}

async function freePort(host: string): Promise<number> {
  const { server, address } = await startBackend(host);
  server.close();
  await once(server, 'close');
  return address.port;
}

const HOST = '127.98.0.1';

describe('the proxy of a service port', () => {
  let proxy: PortProxy;
  let port: number;
  let backends: Backend[];

  beforeEach(async () => {
    backends = [await startBackend('127.98.0.2'), await startBackend('127.98.0.3')];
    port = await freePort(HOST);
    proxy = new PortProxy(systemClock);
    await proxy.listen(HOST, port);
  });

  afterEach(async () => {
    await proxy.close();
    for (const { server } of backends) server.close();
  });

  const talk = async (text: string): Promise<string> => {
    const socket = connect({ host: HOST, port });
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.end(text);
    await once(socket, 'close');
    return answer;
  };

  it('carries data both ways and passes on who closed', async () => {
    proxy.update(
      backends.slice(0, 1).map(({ address }) => address),
      undefined,
    );
    expect(await talk('hello')).toBe('HELLObye from 127.98.0.2');
  });

  it('passes over a backend that refuses', async () => {
    const dead = { host: '127.98.0.4', port: await freePort('127.98.0.4') };
    proxy.update([dead, ...backends.slice(1).map(({ address }) => address)], undefined);
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(talk));
    expect(answers).toEqual(['A', 'B', 'C', 'D'].map((text) => `${text}bye from 127.98.0.3`));
  });

  it('resets a connection when there is nobody to lead it to', async () => {
    proxy.update([], undefined);
    await expect(talk('hello')).rejects.toThrow('ECONNRESET');
  });

  it('lets open connections end where they began when their backend is taken out', async () => {
    proxy.update(
      backends.slice(0, 1).map(({ address }) => address),
      undefined,
    );
    const socket = connect({ host: HOST, port });
    socket.write('one');
    await once(socket, 'data');
    proxy.update(
      backends.slice(1).map(({ address }) => address),
      undefined,
    );
    expect(await talk('x')).toBe('Xbye from 127.98.0.3');
    socket.end('two');
    let rest = '';
    socket.on('data', (chunk) => (rest += chunk.toString()));
    await once(socket, 'close');
    expect(rest).toBe('TWObye from 127.98.0.2');
  });
});
