/** What is a pod's, and not a process': gRPC, limits of clients, exemplars, and the models that are served. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { GrpcClient } from '../support/grpc.js';
import { processesNaming } from '../support/processes.js';
import { GANTRY, type RunningProgram, startProgram } from '../support/program.js';
import { scaleModel, tableModel } from '../support/scaleModel.js';

const SERVICE = 'inference.GRPCInferenceService';

let folder: string;
let program: RunningProgram | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-pod-'));
  await put('scale', scaleModel(2));
});
afterEach(async () => {
  await program?.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function put(name: string, bytes: Buffer | string, version = '1'): Promise<void> {
  const place = path.join(folder, 'models', name, version);
  await mkdir(place, { recursive: true });
  await writeFile(path.join(place, 'model.onnx'), bytes);
}

interface Pod {
  readonly url: string;
  readonly grpcAddress: string;
  readonly metricsUrl: string;
  readonly program: RunningProgram;
}

async function servePod(processes: number, flags: readonly string[] = []): Promise<Pod> {
  const ports = ['--port', '0', '--grpc-port', '0', '--metrics-port', '0'];
  const args = ['serve', '--models', path.join(folder, 'models'), '--host', '127.0.0.1', ...ports];
  const running = startProgram(process.execPath, [
    GANTRY,
    ...args,
    '--processes',
    String(processes),
    ...flags,
  ]);
  program = running;
  const [, port, grpcPort, metricsPort] = await running.printed(
    /"port":(\d+),"grpcPort":(\d+),"metricsPort":(\d+)/,
  );
  await eventually('every process serves', () => served(running) >= processes - 1);
  return {
    url: `http://127.0.0.1:${port}`,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}`,
    program: running,
  };
}

const served = (running: RunningProgram) => (running.stdout().match(/another process serves/g) ?? []).length;
const members = () => processesNaming('--member').filter(({ command }) => command.includes(folder));

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** On a connection of its own, so that any process may answer, unless an agent keeps one. */
function ask(
  url: string,
  {
    body,
    headers = {},
    agent = false,
  }: { body?: string; headers?: Record<string, string>; agent?: Agent | false } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request(url, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end(body);
  });
}

const BODY = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [3] }] });

/** The answer for 3, or the status of the refusal. */
async function predict({ url }: Pod, headers?: Record<string, string>): Promise<number> {
  const { status, text } = await ask(`${url}/v2/models/scale/infer`, { body: BODY, headers: headers ?? {} });
  return status === 200
    ? ((JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data[0] ?? NaN)
    : status;
}

/** Those that answered what the log says with `what`: a request's id begins with what its process made up for itself. */
function processesOf({ program: pod }: Pod, what: string): ReadonlySet<string> {
  const lines = pod
    .stdout()
    .split('\n')
    .filter((line) => line.includes(what));
  return new Set(lines.flatMap((line) => /"requestId":"([0-9a-f]{16})-/.exec(line)?.[1] ?? []));
}

const order = ({ url }: Pod, action: 'load' | 'unload', model: string) =>
  ask(`${url}/v2/repository/models/${model}/${action}`, { body: '' });

describe('a pod of two processes', () => {
  it('answers gRPC from both, predictions, health and readiness', async () => {
    const pod = await servePod(2);
    const [member] = members();
    if (member === undefined) throw new Error('there is no second process');
    const message = {
      model_name: 'scale',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [3] } }],
    };
    const askBoth = async () => {
      const client = new GrpcClient(pod.grpcAddress);
      const { value } = await client.call(`${SERVICE}/ModelInfer`, message);
      expect(value).toMatchObject({ outputs: [{ contents: { fp32_contents: [6] } }] });
      const health = await client.call('grpc.health.v1.Health/Check', {});
      expect(health.value).toEqual({ status: 'SERVING' });
      expect((await client.call(`${SERVICE}/ServerReady`, {})).value).toEqual({ ready: true });
      client.close();
    };
    await eventually('both processes have answered', async () => {
      await Promise.all(Array.from({ length: 4 }, askBoth));
      return processesOf(pod, 'ModelInfer').size === 2;
    });
    const metrics = await (await fetch(`${pod.metricsUrl}/metrics`)).text();
    const calls = (pod.program.stdout().match(/ModelInfer/g) ?? []).length;
    expect(metrics).toContain(`gantry_predictions_total{model="scale",version="1",outcome="ok"} ${calls}`);
    process.kill(member.pid, 'SIGKILL');
    await eventually('the pod answers with what is left of it', () =>
      askBoth().then(
        () => true,
        () => false,
      ),
    );
  });

  it('lets a client ask as often as its file says, whichever process it reaches', async () => {
    const token = randomBytes(16).toString('hex');
    const clients = path.join(folder, 'clients');
    await mkdir(clients);
    await writeFile(path.join(clients, 'trader'), JSON.stringify({ token, ratePerSecond: 0.001, burst: 30 }));
    const pod = await servePod(2, ['--auth-tokens', clients]);
    const headers = { authorization: `Bearer ${token}` };
    const answers = await Promise.all(Array.from({ length: 120 }, () => predict(pod, headers)));
    const counts = new Map<number, number>();
    for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ 6: 30, 429: 90 });
  });

  it('keeps the exemplars of every process', async () => {
    const pod = await servePod(2, ['--metrics-exemplars']);
    await eventually('both processes have an exemplar', async () => {
      const trace = randomBytes(16).toString('hex');
      const traceparent = `00-${trace}-${randomBytes(8).toString('hex')}-01`;
      expect(await predict(pod, { traceparent, 'cache-control': 'no-store' })).toBe(6);
      const response = await fetch(`${pod.metricsUrl}/metrics`);
      expect(response.headers.get('content-type')).toContain('application/openmetrics-text');
      const page = await response.text();
      expect(page).toMatch(/# EOF\n$/);
      expect(page).not.toContain('_total_total');
      expect(page).toMatch(/^gantry_predictions_total\{.*outcome="ok"\} \d+$/m);
      // The latest of its bucket, whichever process answered.
      expect(page).toMatch(
        new RegExp(`gantry_prediction_duration_seconds_bucket.*# \\{trace_id="${trace}"\\}`),
      );
      return processesOf(pod, 'scale/infer').size === 2;
    });
  });

  it('loads and unloads models in both, and in whoever takes the place of one', async () => {
    const pod = await servePod(2, ['--model-control-mode', 'explicit']);
    const everywhere = async () => new Set(await Promise.all(Array.from({ length: 24 }, () => predict(pod))));
    expect(await everywhere()).toEqual(new Set([404]));
    expect(await order(pod, 'load', 'scale')).toEqual({ status: 200, text: '{}' });
    expect(await everywhere()).toEqual(new Set([6]));
    await put('scale', scaleModel(5));
    expect((await order(pod, 'load', 'scale')).status).toBe(200);
    expect(await everywhere()).toEqual(new Set([15]));
    await put('scale', 'no model');
    expect((await order(pod, 'load', 'scale')).status).toBe(400);
    expect(await everywhere()).toEqual(new Set([15]));
    await put('scale', scaleModel(5));
    const [member] = members();
    process.kill(member?.pid ?? 0, 'SIGKILL');
    await eventually('another process took its place', () => served(pod.program) === 2);
    expect(await everywhere()).toEqual(new Set([15]));
    expect((await order(pod, 'unload', 'scale')).status).toBe(200);
    expect(await everywhere()).toEqual(new Set([503]));
    expect((await fetch(`${pod.metricsUrl}/v2/health/ready`)).status).toBe(200);
  });

  it('gives the memory back of what it unloads, and answers while a large model is loaded', async () => {
    const MEBIBYTES = 96;
    await put('table', tableModel(MEBIBYTES));
    const pod = await servePod(2, ['--model-control-mode', 'explicit', '--load-model', 'scale']);
    const pids = [pod.program.pid, ...members().map(({ pid }) => pid)];
    const residentMiB = async () => {
      const sizes = await Promise.all(
        pids.map(async (pid) => Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]) / 256),
      );
      return sizes.reduce((sum, size) => sum + size, 0);
    };
    // The first time, what stays of it are the runtime's own threads and pools.
    expect(await order(pod, 'load', 'table')).toEqual({ status: 200, text: '{}' });
    await order(pod, 'unload', 'table');
    const before = await residentMiB();
    for (let round = 0; round < 3; round++) {
      let loading = true;
      const loaded = order(pod, 'load', 'table').finally(() => (loading = false));
      let answered = 0;
      while (loading) {
        expect(await predict(pod)).toBe(6);
        answered++;
      }
      expect(await loaded).toEqual({ status: 200, text: '{}' });
      expect(answered).toBeGreaterThan(2);
      expect(await residentMiB()).toBeGreaterThan(before + 2 * MEBIBYTES * 0.9);
      expect((await order(pod, 'unload', 'table')).status).toBe(200);
    }
    // Three times two tables, and none of them is left; what a heap keeps for the next is less than one.
    await eventually('its memory is back', async () => (await residentMiB()) < before + MEBIBYTES);
  });
});
