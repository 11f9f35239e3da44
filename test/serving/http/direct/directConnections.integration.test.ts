/** Direct connections on real sockets: what a client sees is what node:http alone would have answered. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../../src/base/index.js';
import { BodyBudget, BodyReader, GONE } from '../../../../src/serving/http/body.js';
import { BodyBuffers } from '../../../../src/serving/http/bodyBuffers.js';
import type { DirectListener } from '../../../../src/serving/http/direct/directConnection.js';
import {
  type HttpServerOptions,
  listen,
  type ListeningServer,
} from '../../../../src/serving/http/httpServer.js';
import { eventually } from '../../../support/eventually.js';
import { openSocket, rawExchange } from '../../../support/rawHttp.js';

const servers: ListeningServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.stop(0, 0);
});

const later = (path: string, callback: () => void) =>
  path === '/direct/now' ? callback() : setImmediate(callback);
const said = (method: string, path: string, body: string) => `<${method} ${path} ${body}>`;

const nodeEcho: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const text = said(request.method ?? '', request.url ?? '', body);
    later(request.url ?? '', () => {
      response.setHeader('Content-Length', text.length);
      response.end(text, 'latin1');
    });
  });
};

const MAX_BYTES = 1 << 20;
const budget = new BodyBudget(8 * MAX_BYTES);
const buffers = new BodyBuffers();
let direct = 0;
let gone = 0;

/** The same for paths below /direct/. */
const directEcho: DirectListener = ({ method, url, contentLength }, reply) => {
  if (!url.startsWith('/direct/')) return undefined;
  direct++;
  const reader = new BodyReader({ maxBytes: MAX_BYTES, budget, buffers }, (body) => {
    if (body === GONE) gone++;
    if (body === GONE || !body.ok) return;
    const text = said(method, url, body.value.toString('latin1'));
    later(url, () => {
      if (!reply.over)
        reply.send(200, ['Content-Length', String(text.length)], [Buffer.from(text, 'latin1')]);
      reader.release();
    });
  });
  reader.declare(contentLength);
  return reader;
};

async function serve(options: Partial<HttpServerOptions> = {}): Promise<string> {
  const where = { host: '127.0.0.1', port: 0, answerMs: 10_000, clock: systemClock, direct: directEcho };
  const server = await listen(nodeEcho, { ...where, ...options });
  servers.push(server);
  return `http://127.0.0.1:${server.address.port}`;
}

async function connect(url: string): Promise<Socket> {
  const socket = await openSocket(url);
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

const post = (path: string, body: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
/** After this the server closes. */
const last = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const LAST = { status: 200, body: '<GET /last >' };
const chunked = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

interface Seen {
  readonly status: number;
  readonly body: string;
}

/** The answers in `text`, by their lengths. */
function answersIn(text: string): Seen[] {
  const seen: Seen[] = [];
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n') + 4;
    const length = Number(/content-length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
    if (end < 4) throw new Error(`no answer: ${rest.slice(0, 200)}`);
    const text = rest.slice(end, end + length);
    // Long ones by their digest: what differs is printed.
    const told =
      text.length < 200 ? text : `${text.length} bytes ${createHash('sha256').update(text).digest('hex')}`;
    seen.push({ status: Number(rest.slice(9, 12)), body: told });
    rest = rest.slice(end + length);
  }
  return seen;
}

/** Sends the parts one after the other, each in a segment of its own, and reads until the server closes. */
async function exchange(url: string, parts: readonly string[]): Promise<Seen[]> {
  const socket = await connect(url);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const part of parts) {
    socket.write(part, 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  return answersIn(answer);
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...at, text.length]
    .map((end, i) => text.slice(i === 0 ? 0 : at[i - 1], end))
    .filter((part) => part !== '');
}

const body = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, '.')),
  fc.constant('x'.repeat(70_000)),
  fc.constant(post('/direct/inside', 'a body that looks like a request')),
);
const request = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('/direct/a', '/direct/now'), body)
      .map(([path, text]) => post(path, text)),
  },
  fc.constantFrom(get('/elsewhere'), get('/direct/now'), get('/direct/a')),
  body.map((text) => post('/elsewhere', text)),
  body.filter((text) => text !== '').map((text) => chunked('/direct/a', text)),
  fc.constant(post('/direct/a', 'once more', 'X: 1\r\nX: 2\r\n')),
);
/** After these the server closes: what would follow them might be lost, or lose their answer. */
const final = fc.constantFrom(
  last,
  'NONSENSE\r\n\r\n',
  'POST /direct/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'POST /direct/a HTTP/1.1\r\nContent-Length: 2\r\n\r\nab',
  'POST /direct/a HTTP/1.0\r\nContent-Length: 2\r\n\r\nab',
  post('/direct/a', 'bye', 'Connection: close\r\n'),
);

describe('a direct connection', () => {
  it('answers whatever comes as node:http does, however it is cut into segments', async () => {
    const [ours, theirs] = [await serve(), await serve({ direct: undefined })];
    const before = direct;
    const conversation = fc.tuple(
      fc.array(request, { maxLength: 6 }),
      final,
      fc.array(fc.nat(), { maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(conversation, async ([requests, end, places]) => {
        const parts = cut(requests.join('') + end, places);
        expect(await exchange(ours, parts)).toEqual(await exchange(theirs, parts));
      }),
      { numRuns: 150 },
    );
    expect(direct).toBeGreaterThan(before);
  }, 60_000);

  it('answers a request cut at any byte', async () => {
    const url = await serve();
    const text = post('/direct/a', 'twelve bytes');
    for (let i = 1; i < text.length; i++) {
      expect(await exchange(url, [text.slice(0, i), text.slice(i), last])).toEqual([
        { status: 200, body: '<POST /direct/a twelve bytes>' },
        LAST,
      ]);
    }
  });

  it('is kept for the next request, and goes to node:http with the first that is anything else', async () => {
    const url = await serve();
    const before = direct;
    const seen = await exchange(url, [
      post('/direct/a', '1'),
      post('/direct/a', '2'),
      get('/b'),
      post('/direct/c', '3'),
      last,
    ]);
    expect(seen.map((one) => one.body)).toEqual([
      '<POST /direct/a 1>',
      '<POST /direct/a 2>',
      '<GET /b >',
      '<POST /direct/c 3>',
      LAST.body,
    ]);
    expect(direct - before).toBe(2);
  });

  it('gives every answer to a client that has said all', async () => {
    const url = await serve();
    const socket = await connect(url);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.end(post('/direct/a', '1') + post('/direct/now', '2') + post('/direct/a', '3'), 'latin1');
    await once(socket, 'close');
    expect(answersIn(answer).map(({ body }) => body)).toEqual([
      '<POST /direct/a 1>',
      '<POST /direct/now 2>',
      '<POST /direct/a 3>',
    ]);
  });

  it('holds back what comes behind answers that are not read', async () => {
    const url = await serve();
    const socket = await connect(url);
    socket.pause();
    const before = direct;
    const large = post('/direct/a', 'y'.repeat(500_000));
    for (let i = 0; i < 40; i++) socket.write(large);
    // More than sockets take on both sides, and less than was asked.
    await eventually('some of them are answered', () => Promise.resolve(direct - before > 2), 5_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(direct - before).toBeLessThan(40);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await eventually('all of them are', () => Promise.resolve(bytes > 40 * 500_000), 10_000);
  }, 20_000);

  it('gives up a body whose client goes', async () => {
    const url = await serve();
    const before = gone;
    const socket = await connect(url);
    socket.write(post('/direct/a', 'z'.repeat(100_000)).slice(0, 50_000));
    await eventually('some of it is held', () => Promise.resolve(budget.used > 0), 5_000);
    socket.destroy();
    await eventually('nothing is', () => Promise.resolve(budget.used === 0), 5_000);
    expect(gone - before).toBe(1);
  });
});

describe('a direct connection that is slow', () => {
  const arrival = { headMs: 100, requestMs: 200 };

  it('with its body is told that it took too long, and closed', async () => {
    const url = await serve({ arrival });
    const answer = await rawExchange(url, post('/direct/a', 'long').slice(0, -1));
    expect(answersIn(answer).map(({ status }) => status)).toEqual([408]);
  });

  it('with its first byte is told so too', async () => {
    const url = await serve({ arrival });
    const answer = await rawExchange(url, '');
    expect(answersIn(answer).map(({ status }) => status)).toEqual([408]);
  });

  it('only with its next request is kept', async () => {
    const url = await serve({ arrival });
    const socket = await connect(url);
    for (let i = 0; i < 2; i++) {
      socket.write(post('/direct/a', String(i)));
      expect(String((await once(socket, 'data'))[0])).toContain(`<POST /direct/a ${i}>`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(socket.destroyed).toBe(false);
  });
});

describe('stopping', () => {
  it('ends idle direct connections and lets those that wait have their answers', async () => {
    let answer: (() => void) | undefined;
    const held: DirectListener = (_head, reply) =>
      new BodyReader({ maxBytes: MAX_BYTES, budget, buffers }, () => {
        answer = () => reply.send(200, ['Content-Length', '4', 'Connection', 'close'], 'done');
      });
    const url = await serve({ direct: held });
    const [idle, waiting] = [await connect(url), await connect(url)];
    waiting.write(post('/direct/a', 'x'));
    await eventually('it is asked', () => Promise.resolve(answer !== undefined), 5_000);
    const stopped = servers.pop()?.stop(0, 5_000);
    await once(idle.resume(), 'close');
    answer?.();
    const [bytes] = (await once(waiting, 'data')) as [Buffer];
    expect(answersIn(bytes.toString('latin1'))).toEqual([{ status: 200, body: 'done' }]);
    await stopped;
  });
});
