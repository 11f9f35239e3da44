// `npm start` (installed and built, warm disk) to its first prediction, and what the local cluster and its pods hold in
// memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { of } from '../compare.js';
import { residentMiB, root } from '../processes.js';

const RUNS = 3;
const DEADLINE_MS = 60_000;
/** Until what was only needed to start has been given back. */
const SETTLE_MS = 3000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run() {
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await measureOnce());
  return [
    {
      what: 'npm start to first prediction',
      ...of(runs, (r) => r.seconds),
      unit: ' s',
      goal: { most: 3 },
    },
    {
      what: 'serving pod: resident',
      ...of(runs, (r) => r.podMiB),
      unit: ' MiB',
      goal: { most: 143 },
      note: '143 MiB is 150 MB',
    },
    {
      what: 'local cluster with operator: resident',
      ...of(runs, (r) => r.clusterMiB),
      unit: ' MiB',
      goal: { most: 238 },
      note: '238 MiB is 250 MB',
    },
  ];
}

async function measureOnce() {
  const home = mkdtempSync(path.join(os.tmpdir(), 'gantry-bench-'));
  const startedAt = performance.now();
  const child = spawn('npm', ['start', '--silent', '--', '--home', home], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const [, url] = await printed(child, /volatility .*(http:\/\/\S+)/);
  await predict(url);
  const seconds = (performance.now() - startedAt) / 1000;
  await pause(SETTLE_MS);
  const local = clusterProcess(child.pid);
  const pods = childrenOf(local).filter((pid) => commandLine(pid).split('\0').includes('serve'));
  const result = {
    seconds,
    clusterMiB: residentMiB(local),
    podMiB: Math.max(...pods.map((pid) => residentMiB(pid))),
  };
  process.kill(local, 'SIGINT');
  await ended;
  rmSync(home, { recursive: true, force: true });
  return result;
}

/** The match of `pattern` in what `child` prints. */
async function printed(child, pattern) {
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    const match = pattern.exec(output);
    if (match) return match;
    await pause(2);
  }
  child.kill('SIGINT');
  throw new Error(`no ${pattern} in:\n${output}`);
}

async function predict(url) {
  const data = Array.from({ length: 16 }, () => 1);
  const inputs = [{ name: 'features', datatype: 'FP32', shape: [1, 16], data }];
  const response = await fetch(`${url}/v2/models/volatility/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs }),
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  await response.json();
}

/** npm starts a shell, or not, and that bin/start.js, whose children are the pods. */
function clusterProcess(npm) {
  const launched = childrenOf(npm).flatMap((pid) => [pid, ...childrenOf(pid)]);
  const found = launched.find(
    (pid) => commandLine(pid).includes('bin/start.js') && childrenOf(pid).length > 0 && isNode(pid),
  );
  if (found === undefined) throw new Error('the local cluster has no process');
  return found;
}

const commandLine = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
const isNode = (pid) => commandLine(pid).split('\0')[0].includes('node');

function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
  } catch {
    return undefined;
  }
}
