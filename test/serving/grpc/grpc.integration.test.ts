/** The gRPC services over real sockets: what is answered, what is refused and how, and how the server stops. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GrpcClient, type Message } from '../../support/grpc.js';
import { inferRequestBytes } from '../../support/inferRequest.js';
import { identityModel, linearAnswer, linearModel } from '../../support/onnxModel.js';
import { type HeldRuntime, heldRuntime } from '../../support/heldRuntime.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const SERVICE = 'inference.GRPCInferenceService';
const INFER = `${SERVICE}/ModelInfer`;
const CHECK = 'grpc.health.v1.Health/Check';
const LIMIT = 1 << 16;
const PORTS = { http: 0, metrics: 0, grpc: 0 };

const ROW = [1, 2, 3, 4];
const request = (more: Message = {}): Message => ({
  model_name: 'linear',
  id: 'r1',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], contents: { fp32_contents: ROW } }],
  ...more,
});
const raw = (values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const rawRequest = (more: Message = {}): Message =>
  request({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4] }],
    raw_input_contents: [raw(ROW)],
    ...more,
  });

let server: TestServer;
let client: GrpcClient;
beforeAll(async () => {
  server = await serveModels(
    { 'linear/1': linearModel(4), 'linear/2': linearModel(4, 2), 'half/1': identityModel('FP16') },
    {
      ports: PORTS,
      config: {
        limits: { maxBodyBytes: LIMIT },
        cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 },
      },
    },
  );
  client = new GrpcClient(server.grpcAddress);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

function failure(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => Promise.reject(new Error('it was answered')),
    (error: ServiceError) => error,
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the metrics page says of a model's bytes and of what is in memory. */
async function bytesOf(model: string): Promise<Record<'request' | 'response' | 'held', number>> {
  const page = await (await fetch(`${server.metricsUrl}/metrics`)).text();
  const valueOf = (name: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1],
    );
  return {
    request: valueOf(`gantry_request_bytes_total{model="${model}",version="1"}`),
    response: valueOf(`gantry_response_bytes_total{model="${model}",version="1"}`),
    held: valueOf('gantry_http_body_bytes'),
  };
}

describe('what is counted', () => {
  it('has the bytes of requests and answers, of calls and of streams, and holds none of them for longer', async () => {
    const message = {
      model_name: 'half',
      inputs: [{ name: 'x', datatype: 'FP16', shape: [1] }],
      raw_input_contents: [Buffer.of(0, 60)],
    };
    const sent = inferRequestBytes(message).length;
    const before = await bytesOf('half');
    await client.call(INFER, message);
    const called = await bytesOf('half');
    expect(called.request - before.request).toBe(sent);
    expect(called.response).toBeGreaterThan(before.response);
    const stream = client.stream(`${SERVICE}/ModelStreamInfer`);
    stream.end(message);
    await once(stream, 'data');
    const streamed = await bytesOf('half');
    expect(streamed.request - called.request).toBe(sent);
    expect(streamed.response).toBeGreaterThan(called.response);
    expect(streamed.held).toBe(0);
  });

  it('refuses tensors that would take more memory than all requests may', async () => {
    const contents = { bytes_contents: Array.from({ length: 30_000 }, () => Buffer.of()) };
    const inputs = [{ name: 'x', datatype: 'BYTES', shape: [30_000], contents }];
    const error = await failure(client.call(INFER, { model_name: 'linear', inputs }));
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(error.details).toMatch(/more memory than the server has/);
  });
});

describe('the service', () => {
  it('tells that it lives, is ready, and what it serves', async () => {
    expect((await client.call(`${SERVICE}/ServerLive`, {})).value).toEqual({ live: true });
    expect((await client.call(`${SERVICE}/ServerReady`, {})).value).toEqual({ ready: true });
    expect((await client.call(`${SERVICE}/ModelReady`, { name: 'linear', version: '2' })).value).toEqual({
      ready: true,
    });
    expect((await client.call(`${SERVICE}/ServerMetadata`, {})).value).toMatchObject({
      name: 'gantry',
      version: '0.0.0-test',
    });
    expect((await client.call(`${SERVICE}/ModelMetadata`, { name: 'linear' })).value).toEqual({
      name: 'linear',
      versions: ['1', '2'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', '4'] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['-1', '2'] }],
    });
    expect((await client.call(`${SERVICE}/ModelConfig`, { name: 'linear' })).value).toMatchObject({
      config: { name: 'linear', input: [{ name: 'x', data_type: 'TYPE_FP32', dims: ['-1', '4'] }] },
    });
  });

  it('answers typed contents with typed contents', async () => {
    const { value, headers } = await client.call(INFER, request({ model_version: '1' }));
    expect(value).toMatchObject({
      model_name: 'linear',
      model_version: '1',
      id: 'r1',
      raw_output_contents: [],
    });
    const [output] = value.outputs as [{ shape: string[]; contents: { fp32_contents: number[] } }];
    expect(output.shape).toEqual(['1', '1']);
    expect(output.contents.fp32_contents).toEqual(linearAnswer(ROW));
    expect(headers?.get('cache-status')).toEqual([expect.stringMatching(/^gantry; /)]);
  });

  it('answers raw contents with raw contents, by the newest version when none is named', async () => {
    const { value } = await client.call(INFER, rawRequest());
    expect(value.model_version).toBe('2');
    expect(value.raw_output_contents).toEqual([raw(linearAnswer(ROW, 2))]);
  });

  it('takes no answer from the cache for a call that says so, and tells what the cache did', async () => {
    const same = rawRequest({ raw_input_contents: [raw([9, 9, 9, 9])] });
    const noCache = new Metadata();
    noCache.set('cache-control', 'no-cache');
    await client.call(INFER, same);
    expect((await client.call(INFER, same)).headers?.get('cache-status')[0]).toMatch(/^gantry; hit/);
    expect((await client.call(INFER, same, noCache)).headers?.get('cache-status')[0]).toMatch(/fwd=request/);
  });

  it('answers every request of a stream in order, bad ones too', async () => {
    const stream = client.stream(`${SERVICE}/ModelStreamInfer`);
    const answers: Message[] = [];
    stream.on('data', (answer: Message) => answers.push(answer));
    for (const id of ['a', 'b', 'c']) {
      stream.write(request(id === 'b' ? { id, model_name: 'none' } : { id }));
    }
    stream.end();
    await once(stream, 'end');
    expect(answers.map((answer) => (answer.infer_response as { id: string }).id)).toEqual(['a', 'b', 'c']);
    expect(answers.map((answer) => answer.error_message !== '')).toEqual([false, true, false]);
  });

  it('counts what models did, and lists them', async () => {
    await client.call(INFER, request({ model_version: '1' }));
    const { value } = await client.call(`${SERVICE}/ModelStatistics`, { name: 'linear', version: '1' });
    const [entry] = value.model_stats as [{ inference_stats: { success: { count: string } } }];
    expect(Number(entry.inference_stats.success.count)).toBeGreaterThan(0);
    const index = await client.call(`${SERVICE}/RepositoryIndex`, { ready: true });
    expect(index.value.models).toContainEqual({ name: 'linear', version: '1', state: 'READY', reason: '' });
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^gantry_grpc_responses_total\{status="0"\} [1-9]/m);
  });
});

describe('a mistake of the client', () => {
  it.each([
    ['an unknown model', { model_name: 'none' }, status.NOT_FOUND],
    ['an unknown version', { model_version: '9' }, status.NOT_FOUND],
    ['a model name as long as a message may be', { model_name: 'n'.repeat(40_000) }, status.NOT_FOUND],
    ['no inputs', { inputs: [] }, status.INVALID_ARGUMENT],
    ['an unknown output', { outputs: [{ name: 'z' }] }, status.INVALID_ARGUMENT],
    ['raw and typed contents', { raw_input_contents: [raw(ROW)] }, status.INVALID_ARGUMENT],
    [
      'a timeout that is none',
      { parameters: { timeout: { string_param: 'soon' } } },
      status.INVALID_ARGUMENT,
    ],
    ['half of a surrogate pair at the cut', { model_name: `n${'😀'.repeat(600)}` }, status.NOT_FOUND],
  ])('is told by the status: %s', async (_what, more, code) => {
    const error = await failure(client.call(INFER, request(more)));
    expect(error.code).toBe(code);
    expect(error.details).toMatch(/\S/);
    expect(error.details.length).toBeLessThan(1100);
  });

  it.each(['ModelReady', 'ModelMetadata', 'ModelConfig', 'ModelStatistics'])(
    'is NOT_FOUND for a version that %s does not know',
    async (method) => {
      const error = await failure(client.call(`${SERVICE}/${method}`, { name: 'linear', version: '9' }));
      expect(error.code).toBe(status.NOT_FOUND);
    },
  );

  it('is INVALID_ARGUMENT when the bytes are no message', async () => {
    for (const bytes of [Buffer.from([0xff]), Buffer.from('2aff', 'hex'), Buffer.from('220612', 'hex')]) {
      expect((await failure(client.sendBytes(INFER, bytes))).code).toBe(status.INVALID_ARGUMENT);
      expect((await failure(client.sendBytes(CHECK, bytes))).code).toBe(status.INVALID_ARGUMENT);
    }
  });

  it('is RESOURCE_EXHAUSTED when the message is larger than allowed, and the connection goes on', async () => {
    const large = rawRequest({ raw_input_contents: [Buffer.alloc(LIMIT)] });
    expect((await failure(client.call(INFER, large))).code).toBe(status.RESOURCE_EXHAUSTED);
    await client.call(INFER, request());
  });

  it('costs nothing when it is no HTTP/2', async () => {
    const socket = connect(Number(server.grpcAddress.split(':')[1]), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    await client.call(INFER, request());
  });
});

describe('health', () => {
  it('is SERVING for the server and its service, and unknown for others', async () => {
    for (const service of ['', SERVICE]) {
      expect((await client.call(CHECK, { service })).value).toEqual({ status: 'SERVING' });
    }
    expect((await failure(client.call(CHECK, { service: 'other' }))).code).toBe(status.NOT_FOUND);
    expect((await client.call('grpc.health.v1.Health/List', {})).value).toEqual({
      statuses: { '': { status: 'SERVING' }, [SERVICE]: { status: 'SERVING' } },
    });
  });
});

describe('a call under way', () => {
  let runtime: HeldRuntime;
  let slow: TestServer;
  let caller: GrpcClient;
  beforeEach(async () => {
    runtime = heldRuntime();
    slow = await serveModels(
      { 'linear/1': linearModel(4) },
      { runtime, ports: PORTS, config: { queue: { maxRequests: 1 } } },
    );
    caller = new GrpcClient(slow.grpcAddress);
    await caller.call(`${SERVICE}/ServerLive`, {});
    runtime.hold();
  });
  afterEach(async () => {
    runtime.release();
    caller.close();
    await slow.stop();
  });

  it('ends at its deadline', async () => {
    const error = await failure(caller.call(INFER, request(), undefined, { deadline: Date.now() + 200 }));
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  });

  it('ends at the time its parameter gives', async () => {
    const error = await failure(
      caller.call(INFER, request({ parameters: { timeout: { int64_param: 200_000 } } })),
    );
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  });

  it('is refused when the queue is full, with the time to come back', async () => {
    const running = [caller.call(INFER, request())];
    await runtime.running(1);
    running.push(caller.call(INFER, request()));
    await runtime.running(2);
    const third = caller.call(INFER, request());
    const fourth = caller.call(INFER, request());
    // Which of the two comes first is the network's affair.
    const refused = await failure(Promise.race([third, fourth]));
    expect(refused.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(refused.metadata.get('grpc-retry-pushback-ms')).toEqual([expect.stringMatching(/^\d+$/)]);
    runtime.release();
    await Promise.all(running);
    await Promise.any([third, fourth]);
  });

  it('that its client has cancelled is out of the queue', async () => {
    const running = [caller.call(INFER, request())];
    await runtime.running(1);
    running.push(caller.call(INFER, request()));
    await runtime.running(2);
    const abandoned = caller.start(INFER, request());
    const metrics = async () => (await fetch(`${slow.metricsUrl}/metrics`)).text();
    await until(async () => /^gantry_queue_length\{.*\} 1$/m.test(await metrics()));
    abandoned.cancel();
    await until(async () => /^gantry_queue_length\{.*\} 0$/m.test(await metrics()));
    const next = caller.call(INFER, request());
    runtime.release();
    await Promise.all([...running, next]);
  });
});

describe('stopping', () => {
  it('answers what was accepted, tells watchers, and serves nobody new', async () => {
    const runtime = heldRuntime();
    const slow = await serveModels({ 'linear/1': linearModel(4) }, { runtime, ports: PORTS });
    const caller = new GrpcClient(slow.grpcAddress);
    const watch = caller.watchHealth();
    const seen: unknown[] = [];
    watch.on('data', (value: unknown) => seen.push(value));
    await once(watch, 'data');
    runtime.hold();
    const accepted = caller.call(INFER, request());
    await runtime.running(1);
    const stopped = slow.stop();
    await once(watch, 'end');
    expect(seen).toEqual([{ status: 'SERVING' }, { status: 'NOT_SERVING' }]);
    runtime.release();
    expect((await accepted).value.model_name).toBe('linear');
    await stopped;
    expect((await failure(caller.call(INFER, request()))).code).toBe(status.UNAVAILABLE);
    caller.close();
  });

  it('does not wait for a client that never closes its connection', async () => {
    const idle = await serveModels({ 'linear/1': linearModel(4) }, { ports: PORTS });
    const caller = new GrpcClient(idle.grpcAddress);
    await caller.call(`${SERVICE}/ServerLive`, {});
    const silent = connect(Number(idle.grpcAddress.split(':')[1]), '127.0.0.1');
    await once(silent, 'connect');
    await idle.stop();
    silent.destroy();
    caller.close();
  });
});
