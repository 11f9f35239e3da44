/** Loading and unloading by request, over real sockets: what clients of Triton's model repository extension see. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { modelRepository } from '../../../src/cli/modelFolder.js';
import type { ServerOptions } from '../../../src/serving/index.js';
import { GrpcClient, type Message } from '../../support/grpc.js';
import { type HeldRuntime, heldRuntime } from '../../support/heldRuntime.js';
import { scaleModel } from '../../support/scaleModel.js';
import { serveModels, type TestServer } from '../../support/serving.js';
import { secretVolume } from '../auth/secretVolume.js';

const PORTS = { http: 0, metrics: 0, grpc: 0 };
const SERVICE = 'inference.GRPCInferenceService';
const CACHE = { cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 } };

let root: string;
let server: TestServer;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-control-'));
});
afterEach(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

async function put(name: string, version: string, bytes: Buffer | string): Promise<void> {
  await mkdir(join(root, name, version), { recursive: true });
  await writeFile(join(root, name, version, 'model.onnx'), bytes);
}

async function serve(options: Partial<Omit<ServerOptions, 'config'>> = {}): Promise<void> {
  server = await serveModels(
    {},
    { ports: PORTS, repository: modelRepository(root, []), config: CACHE, ...options },
  );
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

async function post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method: 'POST', headers, ...(body !== undefined && { body: text }) };
  const response = await fetch(`${server.url}${path}`, init);
  return { status: response.status, body: await response.json() };
}

const load = (model: string, body?: unknown, headers?: Record<string, string>) =>
  post(`/v2/repository/models/${encodeURIComponent(model)}/load`, body, headers);
const unload = (model: string, body?: unknown, headers?: Record<string, string>) =>
  post(`/v2/repository/models/${encodeURIComponent(model)}/unload`, body, headers);
const index = async (body?: unknown) => (await post('/v2/repository/index', body)).body;
const ready = async () => (await fetch(`${server.url}/v2/health/ready`)).status;

const INPUT = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [3] }] };

/** The answer for 3, or the status of the refusal. */
async function ask(model: string, version?: string): Promise<number> {
  const path = version === undefined ? '' : `/versions/${version}`;
  const { status: code, body } = await post(`/v2/models/${model}${path}/infer`, INPUT);
  return code === 200 ? ((body as { outputs: { data: number[] }[] }).outputs[0]?.data[0] ?? NaN) : code;
}

describe('loading and unloading by request', () => {
  it('serves every version of the folder, and takes them away again', async () => {
    await put('scale', '1', scaleModel(2));
    await put('scale', '2', scaleModel(5));
    await serve();
    expect(await index()).toEqual([
      { name: 'scale', version: '1', state: 'UNAVAILABLE', reason: 'not loaded' },
      { name: 'scale', version: '2', state: 'UNAVAILABLE', reason: 'not loaded' },
    ]);
    expect(await ask('scale')).toBe(404);
    expect(await ready()).toBe(200);
    expect(await load('scale')).toEqual({ status: 200, body: {} });
    expect(await Promise.all([ask('scale'), ask('scale', '1'), ask('scale', '2')])).toEqual([15, 6, 15]);
    expect(await index({ ready: true })).toEqual([
      { name: 'scale', version: '1', state: 'READY', reason: '' },
      { name: 'scale', version: '2', state: 'READY', reason: '' },
    ]);
    expect(await unload('scale', { parameters: { unload_dependents: false } })).toEqual({
      status: 200,
      body: {},
    });
    expect(await index()).toEqual([
      { name: 'scale', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
      { name: 'scale', version: '2', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);
    expect(await Promise.all([ask('scale'), ask('scale', '1')])).toEqual([503, 503]);
    expect(await index({ ready: true })).toEqual([]);
    expect(await ready()).toBe(200);
    // What is not loaded can be unloaded, as in Triton.
    expect((await unload('scale')).status).toBe(200);
  });

  it('goes over to other bytes, and answers nothing from what it remembers of the former', async () => {
    await put('scale', '1', scaleModel(2));
    await serve();
    await load('scale');
    for (let i = 0; i < 5; i++) expect(await ask('scale')).toBe(6);
    await put('scale', '1', scaleModel(7));
    for (let i = 0; i < 5; i++) expect(await ask('scale')).toBe(6);
    await load('scale');
    for (let i = 0; i < 5; i++) expect(await ask('scale')).toBe(21);
  });

  it('takes away versions that are no longer in the folder, and leaves those alone that did not change', async () => {
    await put('scale', '1', scaleModel(2));
    await put('scale', '2', scaleModel(5));
    await serve();
    await load('scale');
    await ask('scale', '1');
    await rm(join(root, 'scale', '2'), { recursive: true });
    await load('scale');
    expect(await Promise.all([ask('scale'), ask('scale', '1'), ask('scale', '2')])).toEqual([6, 6, 503]);
    const stats = await fetch(`${server.url}/v2/models/scale/versions/1/stats`);
    expect(await stats.json()).toMatchObject({
      model_stats: [{ inference_stats: { success: { count: 3 } } }],
    });
  });

  it('leaves what worked when a load fails, and says why', async () => {
    await put('scale', '1', scaleModel(2));
    await serve();
    await load('scale');
    await put('scale', '1', 'no model');
    await put('scale', '2', scaleModel(5));
    const refused = await load('scale');
    expect(refused.status).toBe(400);
    expect((refused.body as { error: string }).error).toMatch(
      /^load failed for model 'scale': .*model\.onnx/,
    );
    expect(await ask('scale')).toBe(6);
    expect(await index()).toEqual([
      { name: 'scale', version: '1', state: 'READY', reason: '' },
      {
        name: 'scale',
        version: '2',
        state: 'UNAVAILABLE',
        reason: expect.stringContaining('model.onnx') as unknown,
      },
    ]);
    expect(await ready()).toBe(200);
    await put('scale', '1', scaleModel(3));
    expect((await load('scale')).status).toBe(200);
    expect(await Promise.all([ask('scale', '1'), ask('scale', '2')])).toEqual([9, 15]);
  });

  it.each(['nothing', '../scale', '..', 'a/b', '%2e%2e', ''])('knows no model "%s"', async (name) => {
    await put('scale', '1', scaleModel(2));
    await serve();
    expect((await load(name)).status).toBe(404);
    expect((await unload(name)).status).toBe(404);
  });

  it.each<readonly [string, number, unknown]>([
    ['a configuration', 400, { parameters: { config: '{}' } }],
    ['a file', 400, { parameters: { 'file:1/model.onnx': 'aGk=' } }],
    ['parameters that are no object', 400, { parameters: [] }],
    ['what is no JSON', 400, 'no json'],
    ['what is no object', 400, '[]'],
    ['a large file', 413, { parameters: { 'file:1/model.onnx': 'x'.repeat(100_000) } }],
  ])('refuses %s', async (_what, code, body) => {
    await put('scale', '1', scaleModel(2));
    await serve();
    expect((await load('scale', body)).status).toBe(code);
    expect(await ask('scale')).toBe(404);
  });

  it('keeps no metrics of what was unloaded', async () => {
    await put('scale', '1', scaleModel(2));
    await serve();
    await load('scale');
    await ask('scale');
    const metrics = async () => (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(await metrics()).toMatch(/gantry_predictions_total\{model="scale",version="1",outcome="ok"\} 1/);
    await unload('scale');
    expect(await metrics()).not.toContain('model="scale"');
  });

  it('follows orders one after another, and the last counts', async () => {
    await put('scale', '1', scaleModel(2));
    await serve();
    const orders = await Promise.all([
      load('scale'),
      unload('scale'),
      load('scale'),
      unload('scale'),
      load('scale'),
    ]);
    expect(orders.map(({ status: code }) => code)).toEqual([200, 200, 200, 200, 200]);
    expect(await ask('scale')).toBe(6);
    const many = await Promise.all(Array.from({ length: 40 }, () => load('scale')));
    expect(new Set(many.map(({ status: code }) => code))).toEqual(new Set([200, 503]));
  });

  it('takes orders over gRPC too', async () => {
    await put('scale', '1', scaleModel(2));
    await serve();
    const client = new GrpcClient(server.grpcAddress);
    const call = (method: string, message: Message) => client.call(`${SERVICE}/${method}`, message);
    const failure = (method: string, message: Message) =>
      call(method, message).then(
        () => status.OK,
        (error: ServiceError) => error.code,
      );
    expect((await call('RepositoryModelLoad', { model_name: 'scale' })).value).toEqual({});
    expect(await ask('scale')).toBe(6);
    const unloading = { model_name: 'scale', parameters: { unload_dependents: { bool_param: true } } };
    await call('RepositoryModelUnload', unloading);
    expect((await call('ModelReady', { name: 'scale' })).value).toEqual({ ready: false });
    expect((await call('RepositoryIndex', {})).value).toEqual({
      models: [{ name: 'scale', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' }],
    });
    expect(await failure('RepositoryModelLoad', { model_name: 'other' })).toBe(status.NOT_FOUND);
    expect(await failure('RepositoryModelLoad', { model_name: 'scale', repository_name: 'r' })).toBe(
      status.INVALID_ARGUMENT,
    );
    const config = { model_name: 'scale', parameters: { config: { string_param: '{}' } } };
    expect(await failure('RepositoryModelLoad', config)).toBe(status.INVALID_ARGUMENT);
    client.close();
  });
});

describe('requests under way when a model goes', () => {
  let held: HeldRuntime;
  beforeEach(async () => {
    held = heldRuntime();
    await put('scale', '1', scaleModel(2));
    await serve({ runtime: held });
    await load('scale');
  });

  it('are answered by what they asked, and then the unload', async () => {
    held.hold();
    const asked = ask('scale');
    await held.running(1);
    let unloaded = false;
    const unloading = unload('scale').then(() => (unloaded = true));
    while (JSON.stringify(await index()).includes('READY')) await new Promise(setImmediate);
    expect(await index()).toMatchObject([{ state: 'UNLOADING' }]);
    expect(await ask('scale')).toBe(503);
    expect(unloaded).toBe(false);
    held.release();
    expect(await asked).toBe(6);
    await unloading;
    expect(await index()).toMatchObject([{ state: 'UNAVAILABLE', reason: 'unloaded' }]);
  });

  it('are answered by the former while others get the next, and nobody gets an error', async () => {
    let stop = false;
    const answers = new Set<number>();
    const clients = Array.from({ length: 8 }, async () => {
      while (!stop) answers.add(await ask('scale'));
    });
    for (const factor of [3, 4, 5]) {
      await put('scale', '1', scaleModel(factor));
      expect((await load('scale')).status).toBe(200);
    }
    stop = true;
    await Promise.all(clients);
    expect([...answers].every((answer) => [6, 9, 12, 15].includes(answer))).toBe(true);
    expect(await ask('scale')).toBe(15);
  });
});

describe('where orders are not taken', () => {
  const OFF = { error: 'explicit model load / unload is not allowed if polling is enabled' };

  it('says so in the words of Triton, whatever is asked', async () => {
    server = await serveModels({ 'scale/1': scaleModel(2) }, { ports: PORTS });
    for (const body of [undefined, {}, { parameters: { config: '{}' } }, 'no json'])
      expect(await load('scale', body)).toEqual({ status: 503, body: OFF });
    expect(await unload('scale')).toEqual({ status: 503, body: OFF });
    const client = new GrpcClient(server.grpcAddress);
    for (const method of ['RepositoryModelLoad', 'RepositoryModelUnload'])
      await expect(client.call(`${SERVICE}/${method}`, { model_name: 'scale' })).rejects.toMatchObject({
        code: status.UNAVAILABLE,
        details: OFF.error,
      });
    client.close();
    expect(await ask('scale')).toBe(6);
  });

  it('takes them of no client without the right, nor for a model out of its scope', async () => {
    const tokens = {
      root: 'root-0123456789abcdef',
      fx: 'fxfx-0123456789abcdef',
      user: 'user-0123456789abcdef',
    };
    const volume = await secretVolume({
      root: JSON.stringify({ token: tokens.root, rights: ['load-models'] }),
      fx: JSON.stringify({ token: tokens.fx, rights: ['load-models'], models: ['fx'] }),
      user: tokens.user,
    });
    await put('scale', '1', scaleModel(2));
    await serve({ access: { clients: volume.folder } });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await load('scale')).status).toBe(401);
    expect((await load('scale', undefined, as(tokens.user))).status).toBe(403);
    expect((await load('scale', undefined, as(tokens.fx))).status).toBe(403);
    expect((await load('scale', undefined, as(tokens.root))).status).toBe(200);
    expect((await unload('scale', undefined, as(tokens.user))).status).toBe(403);
    const client = new GrpcClient(server.grpcAddress);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${tokens.user}`);
    await expect(
      client.call(`${SERVICE}/RepositoryModelUnload`, { model_name: 'scale' }, metadata),
    ).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    client.close();
    await volume.remove();
  });
});
