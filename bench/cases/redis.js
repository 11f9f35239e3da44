// Redis on and every input new, against the cache turned off: for a model that is faster than Redis, and one that is not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { gantry, LOAD_CORE, onCores } from '../processes.js';
import { load, perCpu, perSecond, playRounds, ratio } from '../compare.js';

/** What V8 inlines in a process is chance and worth more than what is measured here: several of each are. */
const STARTS = { tabular: 6, '1ms': 3 };
const ROUNDS = 2;
/** A process finds out in this time that nothing repeats. */
const LEARNING_SECONDS = 1.5;
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
  const lines = {
    redis: gantry(...pod(model, true), '--redis', url),
    off: gantry(...pod(model, false)),
  };
  const plan = { path: `/v2/models/${model.name}/infer`, connections: 32, warmUpSeconds: 0.2, seconds: 0.8 };
  const results = { redis: [], off: [] };
  for (let start = 0; start < STARTS[name]; start++) {
    const { servers, stop } = await bench.start(model, lines);
    await bench.check(servers, model, [1, 16]);
    for (const server of Object.values(servers)) await load(server, { ...plan, seconds: LEARNING_SECONDS });
    const { redis, off } = await playRounds(
      { redis: () => load(servers.redis, plan), off: () => load(servers.off, plan) },
      ROUNDS,
    );
    results.redis.push(...redis);
    results.off.push(...off);
    await stop();
  }
  const { redis, off } = results;
  return {
    what: `${name} model, Redis on, unique inputs: rate / cache off`,
    ...ratio(redis, off, perSecond),
    byCpu: ratio(redis, off, perCpu).value,
    goal: GOAL,
  };
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
