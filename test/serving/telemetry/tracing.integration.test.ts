import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Metadata } from '@grpc/grpc-js';
import { Writable } from 'node:stream';
import { tracingFrom } from '../../../src/cli/tracing.js';
import { createLogger } from '../../../src/base/index.js';
import type { ServerOptions, TracingConfig } from '../../../src/serving/index.js';
import { GrpcClient } from '../../support/grpc.js';
import { linearModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';
import { type CollectedSpan, type Collector, startCollector } from './collector.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const sampled = (flags = '01') => `00-${TRACE}-${CALLER}-${flags}`;
const body = (...row: readonly number[]) =>
  JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: row }] });

function tracing(endpoint: string, environment: Readonly<Record<string, string>> = {}): TracingConfig {
  const config = tracingFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...environment }, '1.2.3');
  if (!config.ok || config.value === undefined) throw new Error('no tracing');
  return config.value;
}

let collector: Collector;
let server: TestServer | undefined;
const logged: Record<string, unknown>[] = [];

beforeEach(async () => {
  collector = await startCollector();
  logged.length = 0;
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await collector.close();
});

async function start(options: Partial<Omit<ServerOptions, 'config'>>, cache = false): Promise<TestServer> {
  const destination = new Writable({
    write(line: Buffer, _encoding, done) {
      logged.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  server = await serveModels(
    { 'linear/1': linearModel(4) },
    {
      logger: createLogger({ level: 'info', name: 'test', destination }),
      ...options,
      config: { cache: { enabled: cache, ttlSeconds: 60, maxBytes: 1 << 20 } },
    },
  );
  return server;
}

const infer = (
  text: string,
  headers: Readonly<Record<string, string>> = {},
  path = '/v2/models/linear/infer',
) => fetch(`${server?.url}${path}`, { method: 'POST', body: text, headers });

/** Stops the server, which sends what has not been sent. */
async function collected(): Promise<readonly CollectedSpan[]> {
  await server?.stop();
  server = undefined;
  return collector.spans;
}

const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name);
const nanoseconds = ({ startTimeUnixNano, endTimeUnixNano }: CollectedSpan) =>
  [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)] as const;

describe('a traced prediction', () => {
  it("goes on in the caller's trace, with a span for each stage inside the request's", async () => {
    await start({ tracing: tracing(collector.endpoint) }, true);
    const before = BigInt(Date.now() - 1_000) * 1_000_000n;
    const answer = await infer(body(1, 2, 3, 4), { traceparent: sampled(), 'x-request-id': 'r1' });
    expect(answer.status).toBe(200);
    const spans = await collected();
    expect(spans.map(({ name }) => name).sort()).toEqual([
      'POST /v2/models/{model}/infer',
      'cache',
      'queue',
      'run',
    ]);
    const [request] = named(spans, 'POST /v2/models/{model}/infer');
    if (request === undefined) throw new Error('no span of the request');
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: 2, failed: false });
    expect(answer.headers.get('traceparent')).toBe(`00-${TRACE}-${request.spanId}-01`);
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v2/models/{model}/infer',
      'http.response.status_code': 200,
      'url.path': '/v2/models/linear/infer',
      'gantry.model.name': 'linear',
      'gantry.model.version': '1',
      'gantry.request.id': 'r1',
    });
    expect(request.resource).toMatchObject({ 'service.name': 'gantry-serve', 'service.version': '1.2.3' });
    const [from, to] = nanoseconds(request);
    expect(from).toBeGreaterThan(before);
    for (const stage of spans.filter((span) => span !== request)) {
      expect(stage).toMatchObject({ traceId: TRACE, parentSpanId: request.spanId });
      expect(stage.attributes).toMatchObject({ 'gantry.model.name': 'linear', 'gantry.model.version': '1' });
      const [began, ended] = nanoseconds(stage);
      expect(from <= began && began <= ended && ended <= to).toBe(true);
    }
    expect(named(spans, 'cache')[0]?.attributes['gantry.cache.result']).toBe('miss');
    expect(named(spans, 'run')[0]?.attributes['gantry.batch.rows']).toBe(1);
  });

  it('begins a trace where the caller sent none, or nothing that is one', async () => {
    await start({ tracing: tracing(collector.endpoint) });
    const answers = await Promise.all([
      infer(body(1, 1, 1, 1)),
      infer(body(2, 2, 2, 2), { traceparent: `00-${'0'.repeat(32)}-${CALLER}-01` }),
    ]);
    const told = answers.map(({ headers }) => headers.get('traceparent')?.split('-')[1]);
    const requests = named(await collected(), 'POST /v2/models/{model}/infer');
    expect(requests.map(({ traceId }) => traceId).sort()).toEqual(told.sort());
    expect(requests.map(({ parentSpanId }) => parentSpanId ?? '')).toEqual(['', '']);
    const lines = logged.filter(({ msg }) => msg === 'request').map(({ traceId }) => traceId);
    expect(lines.sort()).toEqual(told);
  });

  it('is one where the cache answers, and an error only where the server is to blame', async () => {
    await start({ tracing: tracing(collector.endpoint) }, true);
    // Another order of the keys: not the same bytes, so that the cache of predictions answers.
    const again = '{"inputs":[{"datatype":"FP32","name":"x","shape":[1,4],"data":[1,2,3,4]}]}';
    for (const text of [body(1, 2, 3, 4), again]) await (await infer(text)).arrayBuffer();
    expect((await infer('{}')).status).toBe(400);
    expect((await infer(body(1), {}, '/v2/models/nobody/infer')).status).toBe(404);
    expect((await infer(body(9, 9, 9, 9), { 'x-request-timeout-ms': '0.001' })).status).toBe(504);
    const spans = await collected();
    expect(named(spans, 'cache').map(({ attributes }) => attributes['gantry.cache.result'])).toEqual([
      'miss',
      'hit',
      'miss',
    ]);
    const statuses = named(spans, 'POST /v2/models/{model}/infer').map(({ attributes, failed }) => [
      attributes['http.response.status_code'],
      failed,
    ]);
    // The caller's mistakes are no errors of this server.
    expect(statuses).toEqual([
      [200, false],
      [200, false],
      [400, false],
      [404, false],
      [504, true],
    ]);
  });

  it('is one over gRPC too', async () => {
    await start({ tracing: tracing(collector.endpoint), ports: { http: 0, metrics: 0, grpc: 0 } });
    const caller = new GrpcClient(server?.grpcAddress ?? '');
    const metadata = new Metadata();
    metadata.set('traceparent', sampled());
    const contents = { fp32_contents: [1, 2, 3, 4] };
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 4], contents }];
    await caller.call(
      'inference.GRPCInferenceService/ModelInfer',
      { model_name: 'linear', inputs },
      metadata,
    );
    caller.client.close();
    const spans = await collected();
    const [request] = named(spans, 'inference.GRPCInferenceService/ModelInfer');
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
    expect(request?.attributes).toMatchObject({ 'rpc.grpc.status_code': 0, 'gantry.model.name': 'linear' });
    expect(named(spans, 'run')[0]).toMatchObject({ traceId: TRACE, parentSpanId: request?.spanId });
  });
});

describe('sampling', () => {
  it('follows the caller that did not sample its trace, and still passes it on', async () => {
    await start({ tracing: tracing(collector.endpoint) });
    const answer = await infer(body(1, 2, 3, 4), { traceparent: sampled('00') });
    expect(answer.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(await collected()).toEqual([]);
  });

  it('keeps none of its own traces with always_off, and those that the caller keeps', async () => {
    await start({ tracing: tracing(collector.endpoint, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }) });
    await infer(body(1, 2, 3, 4));
    await infer(body(1, 2, 3, 5), { traceparent: sampled() });
    expect(new Set((await collected()).map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  });
});

describe('the collector', () => {
  it('is sent what the variables say', async () => {
    const config = tracing(collector.endpoint, {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20t0ken',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'pricing',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    });
    await start({ tracing: config });
    await infer(body(1, 2, 3, 4));
    const [span] = await collected();
    expect(span?.resource).toMatchObject({ 'service.name': 'pricing', 'deployment.environment': 'test' });
    expect(collector.requests[0]).toMatchObject({
      url: '/v1/traces',
      headers: { authorization: 'Bearer t0ken', 'content-encoding': 'gzip' },
    });
    expect(JSON.stringify(logged)).not.toContain('t0ken');
  });

  it('may be gone: predictions go on, stopping ends, and one line says that spans are lost', async () => {
    const { endpoint } = collector;
    await collector.close();
    const timeout = { OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_BSP_SCHEDULE_DELAY: '10' };
    await start({ tracing: tracing(endpoint, timeout) });
    for (let row = 0; row < 5; row++) expect((await infer(body(row, 2, 3, 4))).status).toBe(200);
    await collected();
    expect(logged.filter(({ msg }) => String(msg).startsWith('traces cannot be sent'))).toHaveLength(1);
    collector = await startCollector();
  });
});

describe('exemplars', () => {
  it('lead from the buckets to the traces that are kept, in OpenMetrics format, when they are turned on', async () => {
    await start({ exemplars: true });
    await infer(body(1, 2, 3, 4), { traceparent: sampled() });
    await infer(body(1, 2, 3, 5), { traceparent: `00-${'a'.repeat(32)}-${CALLER}-00` });
    const page = await fetch(`${server?.metricsUrl}/metrics`);
    expect(page.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    const text = await page.text();
    expect(text.endsWith('# EOF\n')).toBe(true);
    const exemplars = text.split('\n').filter((line) => line.includes(' # {'));
    expect(exemplars).toHaveLength(1);
    expect(exemplars[0]).toMatch(
      new RegExp(
        `^gantry_prediction_duration_seconds_bucket\\{.*\\} \\d+ # \\{trace_id="${TRACE}"\\} [\\d.e-]+ \\d{10}(\\.\\d+)?$`,
      ),
    );
    expect(text).toMatch(/^# TYPE gantry_predictions counter$/m);
    expect(text).toMatch(/^gantry_predictions_total\{.*outcome="ok"\} 2$/m);
  });

  it('are nowhere otherwise', async () => {
    await start({});
    await infer(body(1, 2, 3, 4), { traceparent: sampled() });
    const text = await (await fetch(`${server?.metricsUrl}/metrics`)).text();
    expect(text).not.toContain(TRACE);
  });
});
