// From nothing to a prediction: `npm start` (installed and built, warm disk) and `gantry serve`, and what they hold in
// memory. A bare node process beside them gives the figures a scale. Prints a table.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const RUNS = 3;
const DEADLINE_MS = 60_000;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resident bytes of a process, in MiB: its private pages and its share of the others (Pss), else Rss. */
function residentMiB(pid) {
  const field = (file, name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
  return field(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1] === String(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Starts a process and collects what it prints; `until` resolves with the match of a pattern in it. */
function start(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid,
    async until(pattern) {
      const deadline = performance.now() + DEADLINE_MS;
      while (performance.now() < deadline) {
        const match = pattern.exec(output);
        if (match) return match;
        await pause(2);
      }
      throw new Error(`no ${pattern} in:\n${output}`);
    },
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function predict(url) {
  const { features } = JSON.parse(
    readFileSync(path.join(root, 'models/production/volatility/1/model.json'), 'utf8'),
  ).provenance;
  const inputs = [
    { name: 'features', datatype: 'FP32', shape: [1, features.length], data: features.map(() => 1) },
  ];
  const response = await fetch(`${url}/v2/models/volatility/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs }),
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  await response.json();
}

async function measureCluster() {
  const home = mkdtempSync(path.join(os.tmpdir(), 'gantry-bench-'));
  const started = performance.now();
  const cluster = start('npm', ['start', '--silent', '--', '--home', home]);
  const [, url] = await cluster.until(/volatility .*(http:\/\/\S+)/);
  await predict(url);
  const seconds = (performance.now() - started) / 1000;
  await pause(3000);
  const launched = childrenOf(cluster.pid).flatMap((pid) => [pid, ...childrenOf(pid)]);
  const isGantry = (pid, word) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
  const local = launched.find(
    (pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('bin/start.js') && childrenOf(pid).length > 1,
  );
  const pods = local === undefined ? [] : childrenOf(local).filter((pid) => isGantry(pid, 'serve'));
  const result = { seconds, clusterMiB: residentMiB(local), podMiB: Math.max(...pods.map(residentMiB)) };
  process.kill(local, 'SIGINT');
  await cluster.stop();
  rmSync(home, { recursive: true, force: true });
  return result;
}

async function measureServe() {
  const started = performance.now();
  const server = start(process.execPath, [
    'bin/gantry.js',
    'serve',
    '--models',
    'models',
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--metrics-port',
    '0',
  ]);
  const [, port] = await server.until(/"port":(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/v2/health/ready`)).status !== 200) await pause(2);
  const readyMs = performance.now() - started;
  await predict(url);
  const firstMs = performance.now() - started;
  await server.stop();
  return { readyMs, firstMs };
}

async function measureNode() {
  const started = performance.now();
  const bare = start(process.execPath, ['-e', 'console.log("up")']);
  await bare.until(/up/);
  return performance.now() - started;
}

const clusters = [];
const servers = [];
const nodes = [];
for (let run = 0; run < RUNS; run++) {
  clusters.push(await measureCluster());
  servers.push(await measureServe());
  nodes.push(await measureNode());
}
const of = (list, key) => median(list.map((each) => each[key]));
const rows = [
  ['npm start to first prediction', `${of(clusters, 'seconds').toFixed(2)} s`, 'goal 3 s'],
  ['gantry serve start to ready', `${of(servers, 'readyMs').toFixed(0)} ms`, 'goal 500 ms'],
  ['gantry serve start to first prediction', `${of(servers, 'firstMs').toFixed(0)} ms`, ''],
  ['bare node start to a line printed', `${median(nodes).toFixed(0)} ms`, 'for scale'],
  ['serving pod resident', `${of(clusters, 'podMiB').toFixed(0)} MiB`, 'goal 150 MB'],
  ['local cluster with operator resident', `${of(clusters, 'clusterMiB').toFixed(0)} MiB`, 'goal 250 MB'],
];
for (const [what, figure, goal] of rows) console.log(`${what.padEnd(42)} ${figure.padStart(10)}   ${goal}`);
