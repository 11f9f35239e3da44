/** The example's Express service: its interface stays as it was, whatever becomes of the model behind it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadAll } from 'js-yaml';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { createApp } from '../../examples/express-service/src/app.js';
import type { ResilienceOptions } from '../../examples/express-service/src/resilientFetch.js';
import {
  type Estimate,
  fallingBack,
  type Features,
  formula,
  model,
} from '../../examples/express-service/src/volatility.js';
import type { FeatureSpec } from '../../src/api/index.js';
import { createOnnxRuntime } from '../../src/serving/index.js';
import { serveModels, type TestServer } from '../support/serving.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODEL = `${ROOT}/models/production/volatility/1/model.onnx`;
const GENERATED = `${ROOT}/examples/express-service/src/gantry.generated.d.ts`;
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const RESILIENCE: ResilienceOptions = { deadlineMs: 5_000, attemptMs: 2_000, attempts: 3, backoffMs: 1 };

const features = declaredFeatures();
const DAY = Object.fromEntries(features.map(({ name, example }) => [name, example])) as unknown as Features;

function declaredFeatures(): readonly FeatureSpec[] {
  const documents = loadAll(readFileSync(`${ROOT}/manifests/samples/volatility.yaml`, 'utf8')) as {
    readonly kind: string;
    readonly spec: { readonly input: { readonly features: readonly FeatureSpec[] } };
  }[];
  return documents.find(({ kind }) => kind === 'ModelDeployment')?.spec.input.features ?? [];
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The service, asked as its callers ask it. */
async function service(estimate: Estimate) {
  const url = await listen(createApp(estimate));
  return (headers: Record<string, string> = {}, day: unknown = DAY) =>
    fetch(`${url}/volatility`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ symbol: 'ACME', features: day }),
    });
}

async function servedModel(): Promise<TestServer> {
  const config = { model: { name: 'volatility', version: '1', digest: '' }, features };
  const server = await serveModels({ 'volatility/1': readFileSync(MODEL) }, { config });
  closing.push(() => server.stop());
  return server;
}

/** Stands where the model is, and answers as it is told. */
async function scripted(...statuses: readonly (number | 'silence')[]) {
  const asked: IncomingMessage[] = [];
  const url = await listen((request, response) => {
    const status = statuses[asked.length] ?? 200;
    asked.push(request);
    if (status === 'silence') return;
    const prediction = { model_name: 'volatility', model_version: '1', prediction: { volatility: 21 } };
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
    response.end(JSON.stringify(status === 200 ? prediction : { error: 'no' }));
  });
  return { url, asked };
}

describe('the service with the model', () => {
  it('answers its callers in the shape it had with the formula', async () => {
    const { url } = await servedModel();
    const before = await (await service(formula))();
    const after = await (await service(model(url, RESILIENCE)))();
    const shape = { symbol: 'ACME', volatility: expect.any(Number) };
    expect([before.status, await before.json()]).toEqual([200, shape]);
    const answer = (await after.json()) as { volatility: number };
    expect([after.status, answer]).toEqual([200, shape]);
    expect(answer.volatility).toBeCloseTo(await modelsOwnAnswer(), 4);
  });

  it('tells its callers which feature the model refused, without asking again', async () => {
    const { url } = await servedModel();
    const ask = await service(fallingBack(model(url, RESILIENCE), formula, () => undefined));
    const refused = await ask({}, { ...DAY, volatility_5d: -1 });
    expect(refused.status).toBe(422);
    expect((await refused.json()) as object).toEqual({ message: expect.stringContaining('volatility_5d') });
  });

  it("tells a caller's mistake from its own, with the model down as well", async () => {
    const { url } = await scripted(503, 503, 503);
    const ask = await service(fallingBack(model(url, RESILIENCE), formula, () => undefined));
    const incomplete = await ask({}, { return_1d: 1 });
    expect([incomplete.status, await incomplete.json()]).toEqual([
      422,
      { message: expect.stringContaining('must be numbers') },
    ]);
    const app = await listen(createApp(formula));
    const malformed = await fetch(`${app}/volatility`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{bad',
    });
    expect(malformed.status).toBe(400);
    const empty = await fetch(`${app}/volatility`, { method: 'POST' });
    expect(empty.status).toBe(422);
  });

  it("passes its caller's trace on, with a span of its own and a limit", async () => {
    const upstream = await scripted();
    const ask = await service(model(upstream.url, RESILIENCE));
    expect((await ask({ traceparent: TRACEPARENT, tracestate: 'a=b' })).status).toBe(200);
    const headers = upstream.asked[0]?.headers;
    expect(headers?.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(headers?.traceparent).not.toBe(TRACEPARENT);
    expect(headers?.tracestate).toBe('a=b');
    expect(Number(headers?.['x-request-timeout-ms'])).toBeLessThanOrEqual(RESILIENCE.attemptMs);
  });

  it('begins a trace where its caller sent none, or none that is valid', async () => {
    const upstream = await scripted();
    const ask = await service(model(upstream.url, RESILIENCE));
    await ask({ traceparent: 'nonsense' });
    expect(upstream.asked[0]?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});

describe('the service when the model is in trouble', () => {
  it('asks again after an answer that another attempt may better', async () => {
    const upstream = await scripted(503, 429);
    const answer = await (await service(model(upstream.url, RESILIENCE)))();
    expect(await answer.json()).toEqual({ symbol: 'ACME', volatility: 21 });
    expect(upstream.asked).toHaveLength(3);
  });

  it('asks again after silence, and no longer than its own limit', async () => {
    const upstream = await scripted('silence');
    const ask = await service(model(upstream.url, { ...RESILIENCE, attemptMs: 100 }));
    expect((await ask()).status).toBe(200);
    const silent = await scripted('silence', 'silence', 'silence');
    const patient = await service(model(silent.url, { ...RESILIENCE, deadlineMs: 150, attemptMs: 100 }));
    expect((await patient()).status).toBe(502);
    expect(silent.asked.length).toBeLessThan(3);
  });

  it('does not ask again what cannot succeed', async () => {
    const upstream = await scripted(500);
    expect((await (await service(model(upstream.url, RESILIENCE)))()).status).toBe(502);
    expect(upstream.asked).toHaveLength(1);
  });

  it('answers by the formula when no attempt succeeds', async () => {
    const upstream = await scripted(503, 503, 503);
    const failures: unknown[] = [];
    const estimate = fallingBack(model(upstream.url, RESILIENCE), formula, (error) => failures.push(error));
    const answer = await (await service(estimate))();
    expect(await answer.json()).toEqual({ symbol: 'ACME', volatility: await formula(DAY) });
    expect(failures).toHaveLength(1);
  });
});

describe('the generated client', () => {
  it("has the types that the generator makes of the model's own document", async () => {
    const { url } = await servedModel();
    const document = await (await fetch(`${url}/openapi.json`)).text();
    const made = typesOf(astToString(await openapiTypescript(document)));
    expect(made).toContain('return_1d: number');
    expect(typesOf(readFileSync(GENERATED, 'utf8'))).toBe(made);
  });
});

/** The part about the model: its features, its prediction, and the messages that carry them. */
function typesOf(generated: string): string {
  return /^ {8}Features: \{.*?^ {4}\};/ms.exec(generated)?.[0] ?? '';
}

/** Asked without any server. */
async function modelsOwnAnswer(): Promise<number> {
  const loaded = await createOnnxRuntime().load(MODEL, { threads: 1 });
  const data = Float32Array.from(features.map(({ name }) => Number(DAY[name as keyof Features])));
  const inputs = [{ name: 'features', datatype: 'FP32' as const, shape: [1, data.length], data }];
  const [output] = await loaded.run(inputs, []);
  await loaded.release();
  return Number((output?.data as Float32Array)[0]);
}
