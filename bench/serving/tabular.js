// A small tabular model (16 features), V2 JSON: `gantry serve` against the loop people write by hand, side by side.
// usage: node bench/serving/tabular.js [SECONDS]   (after npm run build)
// The server has the first core, the load generator the second, where taskset is there to pin them.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const seconds = Number(process.argv[2] ?? 3);
const model = join(root, 'models/production/volatility/1/model.onnx');
const pin = spawnSync('taskset', ['-c', '1', 'true']).status === 0;
const onCore = (core, args) =>
  pin ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, args];

const repository = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
cpSync(model, join(repository, 'tabular/1/model.onnx'), { recursive: true });

const servers = {
  'constant reply': [join(root, 'bench/peers/constantReply.js'), model, '0'],
  'bare loop': [join(root, 'bench/peers/bareLoop.js'), model, '0'],
  gantry: [
    join(root, 'bin/gantry.js'),
    'serve',
    '--models',
    repository,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--metrics-port',
    '0',
  ],
};

async function withServer(name, use) {
  const startedAt = performance.now();
  const [command, args] = onCore(0, servers[name]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let port;
    for await (const line of createInterface({ input: child.stdout })) {
      const said = line.startsWith('{') ? JSON.parse(line) : {};
      port ??= said.port;
      if (port !== undefined && (name !== 'gantry' || said.msg === 'ready')) break;
    }
    child.stdout.resume();
    return await use(port, performance.now() - startedAt, child.pid);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

/** CPU time of a process in microseconds, where /proc has it: tells more than rates on a machine that does other work too. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return NaN;
  }
}

async function load(port, pid, plan) {
  const cpuBefore = cpuOf(pid);
  const request = { port, path: '/v2/models/tabular/infer', input: 'features', seconds, ...plan };
  const [command, args] = onCore(1, [join(root, 'bench/serving/load.js'), JSON.stringify(request)]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunks] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  const result = JSON.parse(Buffer.concat(chunks).toString());
  const failed = Object.keys(result.statuses).filter((status) => status !== '200');
  if (failed.length > 0) throw new Error(`answers with status ${failed}`);
  return { ...result, cpu: (cpuOf(pid) - cpuBefore) / result.total };
}

/** What the server says for one fixed row: the peers must agree before they are timed. */
async function probe(port) {
  const data = Array.from({ length: 16 }, (_, i) => i / 16);
  const body = JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 16], data }] });
  const response = await fetch(`http://127.0.0.1:${port}/v2/models/tabular/infer`, { method: 'POST', body });
  return (await response.json()).outputs[0].data[0];
}

const plans = {
  'unique inputs, 32 connections': { connections: 32 },
  'unique inputs, 1 connection': { connections: 1 },
  'unique inputs, 128 connections': { connections: 128 },
  '100 hot inputs, 32 connections': { connections: 32, distinct: 100 },
};
const results = {};
const values = {};
for (const name of Object.keys(servers)) {
  results[name] = {};
  await withServer(name, async (port, startMs, pid) => {
    if (name !== 'constant reply') values[name] = await probe(port);
    if (name !== 'constant reply') console.log(`${name}: ready after ${Math.round(startMs)} ms`);
    for (const [plan, settings] of Object.entries(plans))
      results[name][plan] = await load(port, pid, settings);
  });
}
rmSync(repository, { recursive: true });
if (Math.abs(values.gantry - values['bare loop']) > 1e-6)
  throw new Error(`the servers disagree: ${JSON.stringify(values)}`);

for (const plan of Object.keys(plans)) {
  console.log(`\n${plan}`);
  const base = results['bare loop'][plan];
  for (const [name, { [plan]: r }] of Object.entries(results)) {
    const rate = `${Math.round(r.rate)}/s`.padStart(9);
    const ratios = `${(r.rate / base.rate).toFixed(2)}x the loop  ${(base.cpu / r.cpu).toFixed(2)}x by CPU`;
    const times = `${r.cpu.toFixed(0)} us of CPU  p50 ${r.p50.toFixed(2)} ms  p99 ${r.p99.toFixed(2)} ms`;
    console.log(`  ${name.padEnd(15)}${rate}  ${ratios}  ${times}`);
  }
}
