/** Who may ask, over real sockets and with real files. */
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createLogger } from '../../../src/base/index.js';
import { eventually } from '../../support/eventually.js';
import { linearAnswer, linearModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';
import { type TestAuthority, testAuthority, type TestCertificate } from './certificates.js';
import { type SecretVolume, secretVolume } from './secretVolume.js';

const ALICE = 'alice-0123456789abcdef';
const ALICE_2 = 'alice-abcdef0123456789';
const BOB = 'bob-0123456789abcdefgh';
const SLOW = 'slow-0123456789abcdefg';
const WRONG = 'wrong-0123456789abcdef';
const CLIENTS = {
  alice: ALICE,
  bob: JSON.stringify({ token: BOB, models: ['fx*'] }),
  slow: JSON.stringify({ token: SLOW, ratePerSecond: 0.01, burst: 2 }),
};
const MODELS = { 'linear/1': linearModel(4), 'fx/1': linearModel(2) };
const ROW = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }] });

interface LogLine {
  readonly msg: string;
  readonly client?: string;
  readonly path?: string;
  readonly status?: number;
}

/** A logger, and everything that it has written. */
function recordingLogger() {
  const written: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  return {
    logger: createLogger({ level: 'debug', name: 'serve', destination }),
    text: () => written.join(''),
    lines: () =>
      written
        .join('')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as LogLine),
  };
}

describe('a server with clients', () => {
  let volume: SecretVolume;
  let server: TestServer;
  let log: ReturnType<typeof recordingLogger>;

  beforeEach(async () => {
    volume = await secretVolume(CLIENTS);
    log = recordingLogger();
    server = await serveModels(MODELS, { access: { clients: volume.folder }, logger: log.logger });
  });
  afterEach(async () => {
    await server.stop();
    await volume.remove();
    for (const token of [ALICE, ALICE_2, BOB, SLOW, WRONG]) expect(log.text()).not.toContain(token);
  });

  const ask = (path: string, token?: string, body?: string) =>
    fetch(server.url + path, {
      ...(body !== undefined && { method: 'POST', body }),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
  const infer = (token?: string) => ask('/v2/models/linear/infer', token, ROW);

  test('answers those whose token it knows, and says to the others how to do better', async () => {
    const known = await infer(ALICE);
    expect(await known.json()).toMatchObject({ outputs: [{ data: linearAnswer([1, 2, 3, 4]) }] });
    for (const token of [undefined, WRONG]) {
      const refused = await infer(token);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="gantry"',
      ]);
      expect(await refused.json()).toEqual({ error: expect.stringContaining('bearer token') });
    }
  });

  test.each([
    '/v2',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models/linear',
    '/v2/models/linear/ready',
    '/v2/models/linear/stats',
    '/v2/repository/index',
    '/v1/models',
    '/v1/models/linear',
    '/openapi.json',
    '/docs',
    '/docs/swagger-ui.css',
    '/nowhere',
    '/%',
    '/metrics',
  ])('lets nobody through to %s', async (path) => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'HEAD']) {
      expect([method, (await fetch(server.url + path, { method })).status]).toEqual([method, 401]);
    }
  });

  test('shows health and metrics to everybody on their own port', async () => {
    for (const path of ['/v2/health/live', '/v2/health/ready', '/metrics']) {
      expect((await fetch(server.metricsUrl + path)).status).toBe(200);
    }
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^gantry_auth_clients 3$/m);
    expect(metrics).toMatch(/^gantry_auth_problems 0$/m);
    expect((await fetch(`${server.metricsUrl}/v2/models/linear`)).status).toBe(404);
  });

  test.each([
    ['/v2/models/linear/infer', ROW],
    ['/v2/models/linear/versions/1/infer', ROW],
    ['/v2/models/%6Cinear/infer', ROW],
    ['/v1/models/linear:predict', '{"instances":[]}'],
    ['/v2/models/linear', undefined],
    ['/v2/models/linear/versions/1', undefined],
    ['/v2/models/linear/ready', undefined],
    ['/v2/models/linear/stats', undefined],
    ['/v1/models/linear', undefined],
    ['/v2/models/unknown', undefined],
  ])('keeps a client to its models: %s', async (path, body) => {
    const refused = await ask(path, BOB, body);
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: 'this client may not use this model' },
    ]);
  });

  test('names only the models in scope', async () => {
    const json = async (path: string) => JSON.stringify(await (await ask(path, BOB)).json());
    expect(await json('/v1/models')).toBe('{"models":["fx"]}');
    for (const path of ['/v2/repository/index', '/openapi.json']) {
      const text = await json(path);
      expect([path, text.includes('fx'), text.includes('linear')]).toEqual([path, true, false]);
    }
    expect(await (await ask('/openapi.json', ALICE)).json()).toMatchObject({ security: [{ bearer: [] }] });
    expect((await ask('/v2/models/fx', BOB)).status).toBe(200);
    expect((await ask('/v1/models/fx:predict', BOB, '{"instances":[[1,2]]}')).status).toBe(200);
  });

  test('tells a client that has used up its requests when to come back', async () => {
    expect([(await infer(SLOW)).status, (await infer(SLOW)).status]).toEqual([200, 200]);
    const refused = await infer(SLOW);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '100']);
    expect((await infer(ALICE)).status).toBe(200);
  });

  test('logs the name of who asked, and nothing of what was shown', async () => {
    await infer(ALICE);
    await ask(`/v2/models/linear?token=${ALICE}`, BOB);
    await infer(WRONG);
    await fetch(`${server.url}/v2`, { headers: { authorization: `Basic ${ALICE}`, 'x-token': BOB } });
    const requests = log.lines().filter(({ msg }) => msg === 'request');
    expect(requests.map(({ client, status }) => [client, status])).toEqual([
      ['alice', 200],
      ['bob', 403],
      [undefined, 401],
      [undefined, 401],
    ]);
  });

  test('takes a new token while it is under load, without failing anybody who may ask', async () => {
    const answers = new Map<string, number>();
    let token = ALICE;
    let over = false;
    const asking = Array.from({ length: 8 }, async () => {
      while (!over) {
        const key = `${token === ALICE ? 'first' : 'second'} ${(await infer(token)).status}`;
        answers.set(key, (answers.get(key) ?? 0) + 1);
      }
    });
    await volume.write({ ...CLIENTS, alice: JSON.stringify({ token: [ALICE, ALICE_2] }) });
    await eventually('the new token is known', async () => (await infer(ALICE_2)).status === 200);
    token = ALICE_2;
    await eventually('the new token is used', () => (answers.get('second 200') ?? 0) > 100);
    await volume.write({ ...CLIENTS, alice: ALICE_2 });
    await eventually('the old token is gone', async () => (await infer(ALICE)).status === 401);
    over = true;
    await Promise.all(asking);
    expect([...answers.keys()].sort()).toEqual(['first 200', 'second 200']);
  });

  test('keeps a client whose file is broken, and counts the file', async () => {
    await volume.write({ ...CLIENTS, alice: '{' });
    await eventually('the file is counted', async () =>
      /^gantry_auth_problems 1$/m.test(await (await fetch(`${server.metricsUrl}/metrics`)).text()),
    );
    expect((await infer(ALICE)).status).toBe(200);
  });
});

describe('a server with TLS', () => {
  let authority: TestAuthority;
  let own: TestCertificate;
  let volume: SecretVolume;
  let clients: SecretVolume | undefined;
  let server: TestServer;

  beforeAll(async () => {
    authority = await testAuthority();
    own = await authority.issue('server');
  });
  afterEach(async () => {
    await server.stop();
    await volume.remove();
    await clients?.remove();
    clients = undefined;
  });

  const secretOf = ({ cert, key }: TestCertificate) => ({
    'tls.crt': cert,
    'tls.key': key,
    'ca.crt': authority.cert,
  });
  const serve = async (files?: Readonly<Record<string, string>>, asksClients = true) => {
    volume = await secretVolume(secretOf(own));
    clients = files && (await secretVolume(files));
    const path = (name: string) => join(volume.folder, name);
    const tls = {
      cert: path('tls.crt'),
      key: path('tls.key'),
      ...(asksClients && { clientCa: path('ca.crt') }),
    };
    server = await serveModels(MODELS, { access: { tls, ...(clients && { clients: clients.folder }) } });
  };
  /** The status, and the name in the server's certificate; a code when there was no answer. */
  const get = (certificate?: TestCertificate, headers: Record<string, string> = {}) =>
    new Promise<[number | string, string?]>((resolve) => {
      const agent = new Agent({ ca: authority.cert, ...certificate });
      const sent = httpsRequest(
        `${server.url.replace('http:', 'https:')}/v2/models/linear`,
        { agent, headers },
        (response) => {
          const name = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
          response.resume().once('end', () => resolve([response.statusCode ?? 0, String(name)]));
        },
      );
      sent.once('error', ({ message }) => resolve([message]));
      sent.end();
    });

  test('speaks it, and takes another certificate without a restart', async () => {
    await serve(undefined, false);
    expect(await get()).toEqual([200, 'server']);
    await volume.write(secretOf(await authority.issue('renewed')));
    await eventually('the new certificate', async () => (await get())[1] === 'renewed');
  });

  test('lets in who has a certificate of its authority, and nobody else', async () => {
    await serve();
    expect((await get(await authority.issue('node')))[0]).toBe(200);
    expect((await get(await (await testAuthority('other')).issue('node')))[0]).not.toBe(200);
    expect((await get())[0]).not.toBe(200);
  });

  test('gives a certificate the scope of the client that it names; a token does as well', async () => {
    await serve({ alice: ALICE, 'node.example': '{}', bob: JSON.stringify({ models: ['fx'] }) });
    expect((await get(await authority.issue('x', ['node.example'])))[0]).toBe(200);
    expect((await get(await authority.issue('bob')))[0]).toBe(403);
    expect((await get(await authority.issue('stranger')))[0]).toBe(403);
    expect((await get(undefined, { authorization: `Bearer ${ALICE}` }))[0]).toBe(200);
    expect((await get())[0]).toBe(401);
    const foreign = await (await testAuthority('other')).issue('x', ['node.example']);
    expect((await get(foreign))[0]).toBe(401);
  });
});
