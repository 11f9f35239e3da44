/** Connections that would hold a server: late, silent, half open, malformed, not reading, or many. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/base/index.js';
import {
  type HttpServerOptions,
  listen,
  type ListeningServer,
} from '../../../src/serving/http/httpServer.js';
import { eventually } from '../../support/eventually.js';
import { openSocket, rawExchange } from '../../support/rawHttp.js';

let server: ListeningServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.stop(0, 0);
  server = undefined;
});

const echo: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => setImmediate(() => response.end(`<${request.url} ${body}>`)));
};

async function serve(listener = echo, options: Partial<HttpServerOptions> = {}): Promise<string> {
  const where = { host: '127.0.0.1', port: 0, answerMs: 10_000, clock: systemClock };
  server = await listen(listener, { ...where, ...options });
  return `http://127.0.0.1:${(server.address satisfies AddressInfo).port}`;
}

async function connect(url: string): Promise<Socket> {
  const socket = await openSocket(url);
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => Number(match[1]));

describe('a malformed request', () => {
  it.each([
    ['a broken request line', 'NONSENSE\r\n\r\n'],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('with %s is told so after the good ones before it have their answers', async (_what, malformed) => {
    const url = await serve();
    const answer = await rawExchange(url, get('/one') + get('/two') + malformed + get('/never'));
    expect(statuses(answer)).toEqual([200, 200, 400]);
    expect(answer).toContain('</one >');
    expect(answer).toContain('</two >');
    expect(answer).not.toContain('/never');
  });

  it('whose body breaks off its own encoding is told so', async () => {
    const url = await serve();
    const broken = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n';
    expect(statuses(await rawExchange(url, get('/one') + broken))).toEqual([200, 400]);
  });

  it('with a head beyond all measure is refused', async () => {
    const url = await serve();
    const answer = await rawExchange(url, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(statuses(answer)).toEqual([431]);
  });
});

describe('a slow sender', () => {
  const arrival = { headMs: 100, requestMs: 200 };

  it('of a head is told that it took too long, and loses the connection', async () => {
    const url = await serve(echo, { arrival });
    expect(statuses(await rawExchange(url, 'GET / HTTP/1.1\r\nHost:'))).toEqual([408]);
  });

  it('of a body is told so too', async () => {
    const url = await serve(echo, { arrival });
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n';
    expect(statuses(await rawExchange(url, `${head}abc`))).toEqual([408]);
  });

  it('does not keep others from being answered', async () => {
    const url = await serve();
    for (let i = 0; i < 50; i++) (await connect(url)).write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
    expect(await (await fetch(`${url}/other`)).text()).toBe('</other >');
  });
});

describe('a half-open connection', () => {
  it('whose client has said all gets its answer', async () => {
    const url = await serve();
    const socket = await connect(url);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.end(get('/last'));
    await once(socket, 'close');
    expect(answer).toContain('</last >');
  });
});

describe('clients that do not read', () => {
  const BYTES = 4 << 20;
  const large: RequestListener = (request, response) => {
    if (request.url === '/large') response.end(Buffer.alloc(BYTES));
    else response.end('small');
  };

  it('lose their connections when their answers hold too much memory together; others are not touched', async () => {
    const url = await serve(large, { maxUnreadBytes: 2 * BYTES });
    const reader = await connect(url);
    for (let i = 0; i < 8; i++) {
      const socket = await connect(url);
      socket.pause();
      socket.write(get('/large'));
    }
    const closed = async () => {
      const count = await new Promise<number>((resolve) =>
        server?.server.getConnections((_error, connections) => resolve(connections)),
      );
      return count <= 3;
    };
    await eventually('all but two of them are cut', closed, 10_000);
    reader.write(get('/small'));
    expect(String((await once(reader, 'data'))[0])).toContain('small');
  });

  it('keep them while there is room', async () => {
    const url = await serve(large, { maxUnreadBytes: 16 * BYTES });
    const socket = await connect(url);
    socket.pause();
    socket.write(get('/large').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    // Longer than the server looks at its connections.
    for (let i = 0; i < 7; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await once(socket, 'close');
    expect(bytes).toBeGreaterThanOrEqual(BYTES);
  });
});
