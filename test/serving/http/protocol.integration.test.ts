/** What a client may do wrong, and what every answer must look like, over real sockets. */
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linearAnswer, linearModel } from '../../support/onnxModel.js';
import { rawExchange } from '../../support/rawHttp.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const BODY = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }] });
const INFER = '/v2/models/linear/infer';

let server: TestServer;
beforeAll(async () => {
  server = await serveModels(
    { 'linear/1': linearModel(4), 'linear/2': linearModel(4, 2) },
    {
      config: {
        model: { name: 'linear', version: '1', digest: '' },
        features: ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'number' as const })),
        limits: { maxBodyBytes: 4096 },
      },
    },
  );
});
afterAll(() => server.stop());

function post(
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(server.url + path, { method: 'POST', body, headers });
}

async function expectError(response: Response, status: number): Promise<string> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/json');
  const body = (await response.json()) as { error: string };
  expect(body).toEqual({ error: expect.stringMatching(/\S/) });
  return body.error;
}

describe('every mistake of a client', () => {
  it.each([
    ['an unknown route', 'GET', '/nothing/here', 404],
    ['an unknown model', 'GET', '/v2/models/other', 404],
    ['an unknown version', 'GET', '/v2/models/linear/versions/9', 404],
    ['an unknown version to predict with', 'POST', '/v2/models/linear/versions/9/infer', 404],
    ['a wrong method', 'DELETE', '/v2/models/linear', 405],
    ['a GET where only POST is', 'GET', INFER, 405],
    ['a GET of V1 where only POST is', 'GET', '/v1/models/linear:predict', 405],
    ['a POST where only GET is', 'POST', '/v2/health/live', 405],
    ['a broken percent escape', 'GET', '/v2/models/%zz', 400],
    ['a percent escape that is no UTF-8', 'GET', '/v2/models/%ff', 400],
    ['a broken percent escape in a prediction', 'POST', '/v2/models/%/infer', 400],
    ['a file of the docs that is not one', 'GET', '/docs/..%2fpackage.json', 404],
  ])('is told in the protocol form: %s', async (_what, method, path, status) => {
    await expectError(
      await fetch(server.url + path, { method, ...(method === 'POST' && { body: BODY }) }),
      status,
    );
  });

  it('names the methods that are allowed', async () => {
    expect((await fetch(server.url + INFER)).headers.get('allow')).toContain('POST');
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['nothing', ''],
    ['a wrong shape', BODY.replace('[1,4]', '[1,5]')],
    ['a wrong datatype', BODY.replace('FP32', 'FP64')],
    ['an unknown input', BODY.replace('"x"', '"z"')],
    ['nesting 100,000 deep', '['.repeat(4000)],
    ['a timeout that is none', BODY.replace('{', '{"parameters":{"timeout":"soon"},')],
  ])('is a 400 in the body: %s', async (_what, body) => {
    await expectError(await post(INFER, body), 400);
  });

  it('is refused when larger than allowed, and the connection goes on', async () => {
    await expectError(await post(INFER, 'x'.repeat(5000)), 413);
    await expectError(await post(INFER, gzipSync('x'.repeat(5000)), { 'content-encoding': 'gzip' }), 413);
    expect((await post(INFER, BODY)).status).toBe(200);
  });

  it('is refused in an unknown encoding', async () => {
    await expectError(await post(INFER, BODY, { 'content-encoding': 'br' }), 415);
  });

  it('is refused when its compressed body is cut or none', async () => {
    await expectError(await post(INFER, gzipSync(BODY).subarray(0, 30), { 'content-encoding': 'gzip' }), 400);
    await expectError(await post(INFER, BODY, { 'content-encoding': 'gzip' }), 400);
  });

  it('is answered even when it is not HTTP', async () => {
    const answer = await rawExchange(server.url, 'nonsense\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('{"error":');
  });
});

describe('a prediction', () => {
  it('needs no Content-Type, and takes any', async () => {
    const bytes = Buffer.from(BODY);
    const head = `POST ${INFER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    expect(await rawExchange(server.url, head + BODY)).toMatch(/^HTTP\/1\.1 200 /);
    expect((await post(INFER, BODY, { 'content-type': 'application/x-anything' })).status).toBe(200);
  });

  it.each([
    ['gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
  ])('may be compressed with %s', async (encoding, bytes) => {
    expect((await post(INFER, bytes, { 'content-encoding': encoding })).status).toBe(200);
  });

  it('is compressed for a client that accepts it, when that is worth it', async () => {
    const rows = 400;
    const data = new Array<number>(rows * 4).fill(1);
    const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [rows, 4], data }] });
    const large = await rawExchange(
      server.url,
      `POST ${INFER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const [head = '', packed = ''] = large.split('\r\n\r\n');
    expect(head).toContain('Content-Encoding: gzip');
    const answer = JSON.parse(gunzipSync(Buffer.from(packed, 'latin1')).toString()) as {
      outputs: { shape: number[] }[];
    };
    expect(answer.outputs[0]?.shape).toEqual([rows, 1]);
    const small = await post(INFER, BODY, { 'accept-encoding': 'gzip' });
    expect(small.headers.get('content-encoding')).toBeNull();
  });

  it('reaches a version, spelled with escapes or a query too', async () => {
    for (const path of [
      '/v2/models/linear/versions/2/infer',
      '/v2/models/line%61r/versions/2/infer',
      '/v2/models/linear/versions/2/infer?x=1',
    ]) {
      const answer = (await (await post(path, BODY)).json()) as { model_version: string };
      expect(answer.model_version).toBe('2');
    }
  });

  it.each([
    ['GET', '/v2/health/live', ''],
    ['GET', '/v2/health/ready', ''],
    ['GET', '/v2/models/linear', ''],
    ['GET', '/v2/models/linear/ready', ''],
    ['GET', '/v2/models/linear/versions/2', ''],
    ['GET', '/v2/models/linear/versions/2/ready', ''],
    ['POST', INFER, BODY],
    ['POST', INFER, '{}'],
    ['POST', INFER, ' '.repeat(5000)],
    ['POST', '/v2/models/linear/versions/2/infer', BODY],
    ['POST', '/v1/models/linear:predict', '{"instances":[[1,2,3,4]]}'],
    ['POST', '/predict', '{"features":{"a":1,"b":2,"c":3,"d":4}}'],
    ['POST', '/predict', '{"features":{"a":1,"b":2,"c":"x"}}'],
  ])('has the same answer on a direct connection and from node:http: %s %s', async (method, path, body) => {
    const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: r\r\nContent-Length: ${body.length}\r\n`;
    const close = 'Connection: close\r\n';
    const direct = await rawExchange(
      server.url,
      `${head}\r\n${body}GET / HTTP/1.1\r\nHost: x\r\n${close}\r\n`,
    );
    const node = await rawExchange(server.url, `${head}${close}\r\n${body}`);
    expect(direct).toContain('Keep-Alive: timeout=75\r\n');
    const lines = (text: string) =>
      text.split('\r\n').filter((line) => !/^(Date|Connection|Keep-Alive):/.test(line));
    const told = lines(node);
    expect(lines(direct).slice(0, told.length - 1)).toEqual(told.slice(0, -1));
    expect(direct).toContain(told.at(-1));
  });

  it('is answered over V1 and over the typed endpoint', async () => {
    const v1 = await post(
      '/v1/models/linear:predict',
      JSON.stringify({
        instances: [
          [1, 2, 3, 4],
          [0, 0, 0, 1],
        ],
      }),
    );
    expect(await v1.json()).toEqual({
      predictions: [linearAnswer([1, 2, 3, 4]), linearAnswer([0, 0, 0, 1])],
    });
    const typed = await post('/predict', JSON.stringify({ features: { a: 1, b: 2, c: 3, d: 4 } }));
    expect(await typed.json()).toMatchObject({ model_name: 'linear', model_version: '1' });
    expect(
      await expectError(
        await post('/predict', JSON.stringify({ features: { a: 1, b: 'x', c: 3, d: 4 } })),
        400,
      ),
    ).toContain('b');
  });

  it('travels in binary both ways', async () => {
    const head = JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: 16 } }],
      parameters: { binary_data_output: true },
    });
    const response = await post(
      INFER,
      Buffer.concat([Buffer.from(head), Buffer.from(Float32Array.of(1, 2, 3, 4).buffer)]),
      {
        'inference-header-content-length': String(head.length),
      },
    );
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    const jsonBytes = Number(response.headers.get('inference-header-content-length'));
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.readFloatLE(jsonBytes)).toBeCloseTo(linearAnswer([1, 2, 3, 4])[0] ?? NaN);
    expect(bytes.length).toBe(jsonBytes + 4);
  });
});

describe('what goes with an answer', () => {
  it('carries the request id and the trace of the caller, and makes an id where there is none', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const given = await post(INFER, BODY, { 'x-request-id': 'abc-1', traceparent });
    expect([given.headers.get('x-request-id'), given.headers.get('traceparent')]).toEqual([
      'abc-1',
      traceparent,
    ]);
    const made = await Promise.all([post(INFER, BODY), fetch(`${server.url}/v2`)]);
    const ids = made.map((response) => response.headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(null);
    const wrong = await post(INFER, BODY, { 'x-request-id': 'two words', traceparent: 'nonsense' });
    expect(wrong.headers.get('x-request-id')).not.toBe('two words');
    expect(wrong.headers.get('traceparent')).toBeNull();
  });

  it('tells that there is no cache', async () => {
    expect((await post(INFER, BODY)).headers.get('cache-status')).toBe('gantry; fwd=bypass');
  });
});

describe('what the server tells of itself', () => {
  const get = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();

  it('answers the metadata of V2 and V1', async () => {
    expect(await get('/v2')).toMatchObject({
      name: 'gantry',
      extensions: expect.arrayContaining(['binary_tensor_data']),
    });
    expect(await get('/v2/models/linear')).toMatchObject({ name: 'linear', versions: ['1', '2'] });
    expect(await get('/v2/models/linear/versions/2/ready')).toMatchObject({ ready: true });
    expect(await get('/v1/models/linear')).toEqual({ name: 'linear', ready: true });
    expect(await get('/v2/repository/index')).toHaveLength(2);
    expect(await get('/v2/models/stats')).toMatchObject({
      model_stats: expect.arrayContaining([expect.objectContaining({ name: 'linear', version: '1' })]),
    });
    expect(await get('/v2/models/linear/stats')).toMatchObject({
      model_stats: [{ name: 'linear', version: '1' }],
    });
  });

  it('documents its routes and the configured model', async () => {
    const document = (await get('/openapi.json')) as { openapi: string; paths: Record<string, object> };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/predict', '/v2/models/{model}/infer']),
    );
    expect(JSON.stringify(document)).toContain('"a"');
  });

  it('serves the docs whole and from itself', async () => {
    const beside = await fetch(`${server.url}/docs/`);
    expect([beside.redirected, beside.url, beside.status]).toEqual([true, `${server.url}/docs`, 200]);
    const page = await fetch(`${server.url}/docs`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).not.toMatch(/https?:\/\//);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) {
      const response = await fetch(new URL(file, `${server.url}/docs`));
      expect([file, response.status]).toEqual([file, 200]);
      expect(response.headers.get('content-type')).toMatch(/javascript|css|png/);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50);
    }
  });

  it('shows its metrics on their own port', async () => {
    await post(INFER, BODY);
    const text = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(text).toMatch(/^gantry_predictions_total\{model="linear",version="1",outcome="ok"\} [1-9]/m);
    expect(text).toMatch(
      /^gantry_prediction_duration_seconds_bucket\{le="\+Inf",model="linear",version="1"\} [1-9]/m,
    );
    expect(text).toMatch(/^gantry_http_responses_total\{status="404"\} [1-9]/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
    expect(await (await fetch(`${server.metricsUrl}/v2/health/ready`)).json()).toEqual({ ready: true });
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });
});
