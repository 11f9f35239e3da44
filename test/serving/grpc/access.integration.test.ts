/** Who may call, over real sockets: tokens, scopes, limits, certificates. */
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { GrpcClient, type Message } from '../../support/grpc.js';
import { linearModel } from '../../support/onnxModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';
import { testAuthority } from '../auth/certificates.js';
import { type SecretVolume, secretVolume } from '../auth/secretVolume.js';

const SERVICE = 'inference.GRPCInferenceService';
const PORTS = { http: 0, metrics: 0, grpc: 0 };
const MODELS = { 'linear/1': linearModel(4), 'fx/1': linearModel(4) };
const ALICE = 'alice-0123456789abcdef';
const BOB = 'bob-0123456789abcdefgh';
const SLOW = 'slow-0123456789abcdefg';
const CLIENTS = {
  alice: ALICE,
  bob: JSON.stringify({ token: BOB, models: ['fx*'] }),
  slow: JSON.stringify({ token: SLOW, ratePerSecond: 0.01, burst: 1 }),
};

const infer = (model: string): Message => ({
  model_name: model,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], contents: { fp32_contents: [1, 2, 3, 4] } }],
});

function bearer(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

/** The status of a call: OK, or why it failed. */
function codeOf(call: Promise<unknown>): Promise<status> {
  return call.then(
    () => status.OK,
    (error: ServiceError) => error.code,
  );
}

let volume: SecretVolume;
beforeEach(async () => {
  volume = await secretVolume(CLIENTS);
});
afterEach(() => volume.remove());

describe('with tokens', () => {
  let server: TestServer;
  let client: GrpcClient;
  beforeEach(async () => {
    server = await serveModels(MODELS, { ports: PORTS, access: { clients: volume.folder } });
    client = new GrpcClient(server.grpcAddress);
  });
  afterEach(async () => {
    client.close();
    await server.stop();
  });
  const call = (method: string, message: Message, token?: string) =>
    client.call(`${SERVICE}/${method}`, message, token === undefined ? undefined : bearer(token));

  it('answers no method without a token that it knows', async () => {
    for (const [method, message] of [
      ['ModelInfer', infer('linear')],
      ['ServerReady', {}],
      ['RepositoryIndex', {}],
    ] as const) {
      expect(await codeOf(call(method, message))).toBe(status.UNAUTHENTICATED);
      expect(await codeOf(call(method, message, 'wrong-0123456789abcdef'))).toBe(status.UNAUTHENTICATED);
      expect(await codeOf(call(method, message, ALICE))).toBe(status.OK);
    }
    expect(await codeOf(client.call('grpc.health.v1.Health/Check', {}))).toBe(status.UNAUTHENTICATED);
    const stream = client.stream(`${SERVICE}/ModelStreamInfer`);
    const ended = new Promise((resolve) => stream.on('error', resolve));
    stream.write(infer('linear'));
    expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it('keeps a client to its models, and tells it of no others', async () => {
    expect(await codeOf(call('ModelInfer', infer('fx'), BOB))).toBe(status.OK);
    expect(await codeOf(call('ModelInfer', infer('linear'), BOB))).toBe(status.PERMISSION_DENIED);
    expect(await codeOf(call('ModelInfer', infer('none'), BOB))).toBe(status.PERMISSION_DENIED);
    for (const method of ['ModelReady', 'ModelMetadata', 'ModelConfig', 'ModelStatistics']) {
      expect(await codeOf(call(method, { name: 'linear' }, BOB))).toBe(status.PERMISSION_DENIED);
    }
    const index = (await call('RepositoryIndex', {}, BOB)).value.models as { name: string }[];
    expect(index.map(({ name }) => name)).toEqual(['fx']);
    const statistics = (await call('ModelStatistics', {}, BOB)).value.model_stats as { name: string }[];
    expect(statistics.map(({ name }) => name)).toEqual(['fx']);
  });

  it('keeps a client to its limit, and says when to come back', async () => {
    expect(await codeOf(call('ServerLive', {}, SLOW))).toBe(status.OK);
    const error = await call('ServerLive', {}, SLOW).then(
      () => Promise.reject(new Error('it was answered')),
      (refused: ServiceError) => refused,
    );
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(Number(error.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThan(0);
  });
});

describe('a stream', () => {
  it('counts each of its requests, and is told when its token has been taken back', async () => {
    const token = 'twice-0123456789abcdef';
    await volume.write({ twice: JSON.stringify({ token, ratePerSecond: 0.01, burst: 2 }) });
    const server = await serveModels(MODELS, { ports: PORTS, access: { clients: volume.folder } });
    const client = new GrpcClient(server.grpcAddress);
    const stream = client.stream(`${SERVICE}/ModelStreamInfer`, bearer(token));
    const ask = () =>
      new Promise<unknown>((resolve) => {
        stream.once('data', (answer: Message) => resolve(answer.error_message));
        stream.write(infer('linear'));
      });
    try {
      expect([await ask(), await ask()]).toEqual(['', '']);
      expect(await ask()).toContain('used up its requests');
      await volume.write({ alice: ALICE });
      await eventually('the token is gone', async () => String(await ask()).includes('no bearer token'));
    } finally {
      stream.end();
      client.close();
      await server.stop();
    }
  });
});

describe('with certificates', () => {
  it('knows a client by its certificate or its token, and nobody else', async () => {
    const authority = await testAuthority();
    const [own, alice, stranger] = await Promise.all([
      authority.issue('server'),
      authority.issue('alice'),
      testAuthority('another').then((other) => other.issue('alice')),
    ]);
    const files = await secretVolume({ cert: own.cert, key: own.key, ca: authority.cert });
    const tls = {
      cert: join(files.folder, 'cert'),
      key: join(files.folder, 'key'),
      clientCa: join(files.folder, 'ca'),
    };
    const server = await serveModels(MODELS, { ports: PORTS, access: { clients: volume.folder, tls } });
    const asked = async (identity?: { cert: string; key: string }, token?: string) => {
      const channel =
        identity === undefined
          ? credentials.createSsl(Buffer.from(authority.cert))
          : credentials.createSsl(
              Buffer.from(authority.cert),
              Buffer.from(identity.key),
              Buffer.from(identity.cert),
            );
      const client = new GrpcClient(server.grpcAddress, channel);
      const metadata = token === undefined ? undefined : bearer(token);
      const code = await codeOf(client.call(`${SERVICE}/ModelInfer`, infer('linear'), metadata));
      client.close();
      return code;
    };
    try {
      expect(await asked(alice)).toBe(status.OK);
      expect(await asked(undefined, ALICE)).toBe(status.OK);
      expect(await asked()).toBe(status.UNAUTHENTICATED);
      expect(await asked(stranger)).toBe(status.UNAUTHENTICATED);
      const plain = new GrpcClient(server.grpcAddress);
      expect(await codeOf(plain.call(`${SERVICE}/ServerLive`, {}, bearer(ALICE)))).toBe(status.UNAVAILABLE);
      plain.close();
    } finally {
      await server.stop();
      await files.remove();
    }
  });
});
