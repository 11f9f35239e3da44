// Redis on and every input new, against the cache turned off: for a model that is faster than Redis, and one that is not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { gantry, LOAD_CORE, onCores } from '../processes.js';
import { alternate, load, ofStarts, perCpu, perSecond } from '../compare.js';

/** What V8 inlines in a process is chance and worth more than what is measured here: many of each are. */
const STARTS = { tabular: 12, '1ms': 4 };
const TURNS = 40;
/** A process finds out in this time that nothing repeats. */
const LEARNING_SECONDS = 1.5;
const PROBES = 4;
const GOAL = { least: 0.95 };

export async function run(bench) {
  const redis = await startRedis();
  if (redis === undefined) {
    return [
      {
        what: 'Redis on, unique inputs: rate / cache off',
        skipped: 'redis-server is not on the PATH',
        goal: GOAL,
      },
    ];
  }
  const rows = [];
  for (const name of Object.keys(STARTS)) rows.push(await compare(bench, name, redis.url));
  redis.stop();
  return rows;
}

async function compare(bench, name, url) {
  const model = await bench.models.get(name);
  const lines = [
    ['redis', gantry(...pod(model, true), '--redis', url)],
    ['off', gantry(...pod(model, false))],
  ];
  const plan = { path: `/v2/models/${model.name}/infer`, connections: 32 };
  const starts = [];
  for (let start = 0; start < STARTS[name]; start++) {
    // Who starts first pays for it, by a few percent for its whole life.
    const inTurn = start % 2 === 0 ? lines : lines.toReversed();
    const { servers, stop } = await bench.start(model, Object.fromEntries(inTurn));
    await bench.check(servers, model, [1, 16]);
    for (const server of Object.values(servers)) {
      await probe(server);
      await load(server, { ...plan, seconds: LEARNING_SECONDS });
    }
    starts.push(await alternate(servers, { ...plan, turns: TURNS }));
    await stop();
  }
  return {
    what: `${name} model, Redis on, unique inputs: rate / cache off`,
    ...ofStarts(starts, 'redis', 'off', perSecond),
    byCpu: ofStarts(starts, 'redis', 'off', perCpu).value,
    goal: GOAL,
  };
}

/**
 * What every pod is asked before its first request. It goes through node:http, whose sockets V8 then knows beside those of plain
 * predictions: otherwise one process would have seen a socket of another kind, that to Redis, and the other none.
 */
async function probe({ port }) {
  const headers = { connection: 'close' };
  for (let i = 0; i < PROBES; i++)
    await (await fetch(`http://127.0.0.1:${port}/v2/health/ready`, { headers })).text();
}

/** A pod's registry and the configuration that the operator would write for it, with the cache on or off. */
function pod({ name, file, repository }, cached) {
  const registry = `${repository}-registry`;
  const folder = path.join(registry, 'production', name, '1');
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, path.join(folder, 'model.onnx'));
  const digest = `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
  const metadata = {
    name,
    version: '1',
    digest,
    signature: { inputs: [], outputs: [] },
    provenance: {},
    golden: { tolerance: { absolute: 0, relative: 0 }, examples: [] },
  };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(metadata));
  const config = {
    apiVersion: 'gantry.dev/serving.v1alpha1',
    model: { name, version: '1', digest },
    features: [],
    batching: { enabled: true, maxRows: 256 },
    queue: { maxRequests: 1024 },
    timeoutMs: 10_000,
    warmup: { runs: 3 },
    threads: 'auto',
    cache: { enabled: cached, ttlSeconds: 300, maxBytes: 2 ** 26 },
    limits: { maxBodyBytes: 2 ** 25 },
  };
  const configFile = path.join(registry, `cache-${cached}.json`);
  writeFileSync(configFile, JSON.stringify(config));
  return [registry, '--config', configFile];
}

async function startRedis() {
  const port = await freePort();
  const [command, args] = onCores(LOAD_CORE, [
    'redis-server',
    '--port',
    String(port),
    '--save',
    '',
    '--bind',
    '127.0.0.1',
  ]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const started = new Promise((resolve) => {
    child.stdout.on('data', (text) => String(text).includes('Ready to accept') && resolve(true));
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
  });
  if (!(await started)) return undefined;
  return { url: `redis://127.0.0.1:${port}`, stop: () => child.kill('SIGTERM') };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
