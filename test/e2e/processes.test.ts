/** `gantry serve` with several processes: one server for whoever looks at it from outside. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { linearAnswer, linearModel } from '../support/onnxModel.js';
import { connectionsAt, processesNaming } from '../support/processes.js';
import { GANTRY, type RunningProgram, startProgram } from '../support/program.js';

let models: string;
let program: RunningProgram | undefined;

beforeAll(async () => {
  models = await mkdtemp(path.join(tmpdir(), 'gantry-processes-'));
  await mkdir(path.join(models, 'linear', '1'), { recursive: true });
  await writeFile(path.join(models, 'linear', '1', 'model.onnx'), linearModel(4));
});
afterEach(async () => {
  await program?.end('SIGKILL');
});
afterAll(() => rm(models, { recursive: true, force: true }));

interface Pod {
  readonly program: RunningProgram;
  readonly url: string;
  readonly metricsUrl: string;
}

async function servePod(processes: number): Promise<Pod> {
  const args = ['serve', '--models', models, '--host', '127.0.0.1', '--port', '0', '--no-grpc'];
  program = startProgram(process.execPath, [
    GANTRY,
    ...args,
    '--metrics-port',
    '0',
    '--processes',
    String(processes),
  ]);
  const [, port, metricsPort] = await program.printed(/"port":(\d+).*"metricsPort":(\d+)/);
  await eventually('every process serves', () => members().length === processes - 1 && served(processes - 1));
  return { program, url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}` };
}

const served = (times: number) => (program?.stdout().match(/another process serves/g) ?? []).length >= times;
const members = () => processesNaming('--member').filter(({ command }) => command.includes(models));

/** A prediction on a connection of its own, so that any process may answer. */
async function predict(url: string, row: readonly number[], agent: Agent | false = false): Promise<number[]> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: row }] });
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/v2/models/linear/infer`, { method: 'POST', agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject).on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`${response.statusCode}: ${text}`));
        else resolve((JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data ?? []);
      });
    });
    asked.on('error', reject).end(body);
  });
}

const row = (i: number) => [i, i + 1, i + 2, i + 3];

describe('a pod of several processes', () => {
  it('answers right on every connection, and counts as one server', async () => {
    const { url, metricsUrl } = await servePod(3);
    const asked = Array.from({ length: 60 }, (_, i) => i);
    const answers = await Promise.all(asked.map((i) => predict(url, row(i))));
    expect(answers).toEqual(asked.map((i) => linearAnswer(row(i))));
    const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^gantry_http_responses_total\{status="200"\} 60$/m);
    expect(metrics).toMatch(/^gantry_prediction_duration_seconds_count\{.*\} 60$/m);
    // Whichever process is asked.
    for (let i = 0; i < 6; i++) {
      const response = await fetch(`${url}/v2/models/linear/stats`, { headers: { connection: 'close' } });
      expect(await response.json()).toMatchObject({
        model_stats: [{ inference_stats: { success: { count: 60 } } }],
      });
    }
    expect((await fetch(`${metricsUrl}/v2/health/ready`)).status).toBe(200);
  });

  it("has a client's connections shared out evenly, however many it opens at once", async () => {
    const { program: pod, url } = await servePod(3);
    const agent = new Agent({ keepAlive: true, maxSockets: 12 });
    const pids = [pod.pid, ...members().map(({ pid }) => pid)];
    await Promise.all(Array.from({ length: 12 }, (_, i) => predict(url, row(i), agent)));
    // The first process lets go of a connection when it hears that another one has it.
    const even = () => connectionsAt(Number(new URL(url).port), pids).join() === '4,4,4';
    await eventually('each process has four connections', even);
    agent.destroy();
  });

  it('loses only what a dying process was answering, and replaces it', async () => {
    const { url } = await servePod(2);
    const [victim] = members();
    if (victim === undefined) throw new Error('there is no second process');
    process.kill(victim.pid, 'SIGKILL');
    for (let i = 0; i < 20; i++) expect(await predict(url, row(i))).toEqual(linearAnswer(row(i)));
    await eventually('another process took its place', () => {
      const [now] = members();
      return now !== undefined && now.pid !== victim.pid && served(2);
    });
    expect(await predict(url, row(1))).toEqual(linearAnswer(row(1)));
  });

  it('answers what it accepted when it is told to stop, and leaves no process behind', async () => {
    const { program: pod, url } = await servePod(3);
    const agent = new Agent({ keepAlive: true, maxSockets: 12 });
    let [answered, stopping] = [0, false];
    const clients = Array.from({ length: 12 }, async (_, client) => {
      for (let i = 0; i < 5_000; i++) {
        // A connection that was never made is no dropped request: refused after the end, or reset by the kernel when it
        // waited to be accepted as the last listener closed.
        const answer = await predict(url, row(client), agent).catch((error: NodeJS.ErrnoException) => {
          if (stopping && error.syscall === 'connect') return undefined;
          throw error;
        });
        if (answer === undefined) return;
        expect(answer).toEqual(linearAnswer(row(client)));
        answered++;
      }
    });
    await eventually('the clients are at it', () => answered > 100);
    stopping = true;
    const { code } = await pod.end('SIGTERM');
    await Promise.all(clients);
    expect(code).toBe(0);
    expect(members()).toEqual([]);
    agent.destroy();
  });

  it('dies as a whole with its first process', async () => {
    const { program: pod } = await servePod(2);
    expect(members()).toHaveLength(1);
    await pod.end('SIGKILL');
    await eventually('the other process ended too', () => members().length === 0);
  });
});
