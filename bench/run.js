// Prints how Gantry compares with what people build by hand: `npm run bench`, or `npm run bench -- NAME …` for some of
// the cases. See docs/benchmarks.md.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkValues } from './compare.js';
import { Models } from './models.js';
import { installFastApi } from './peers/fastapi/install.js';
import { killAll, pinned, root, startServer } from './processes.js';
import { printCase, printSummary } from './table.js';

const CASES = {
  tabular: 'a small tabular model (16 features), V2 JSON, every input new unless said otherwise',
  rows: 'many rows in one request',
  image: 'an image tensor (150,528 floats)',
  redis: 'what the cache costs when nothing repeats',
  slow: 'a slow model, and health beside it',
  overload: 'more than there is time for',
  processes: 'a process for each core',
  start: 'from start to prediction',
  cluster: 'the local cluster',
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in CASES));
if (unknown.length > 0) {
  console.error(`no case ${unknown.join(', ')}; there is ${Object.keys(CASES).join(', ')}`);
  process.exit(2);
}
if (!existsSync(path.join(root, 'dist/gantry.js'))) {
  console.error('Gantry is not built: run npm run build first');
  process.exit(2);
}

const fastApi = installFastApi();
const models = new Models();
const bench = {
  models,
  /** The FastAPI contender, where it could be installed. */
  fastApi: (model) => (typeof fastApi === 'string' ? {} : { fastapi: fastApi(model.file) }),
  /** Starts all contenders of a case; they idle while it is not their turn. */
  async start(model, commandLines) {
    const servers = {};
    for (const [name, commandLine] of Object.entries(commandLines))
      servers[name] = await startServer(commandLine);
    const stop = () => Promise.all(Object.values(servers).map((server) => server.stop()));
    return { servers, stop };
  },
  /** All but the constant reply must answer what onnxruntime computes. */
  async check(servers, model, shape, forms) {
    const predicting = Object.entries(servers).filter(([name]) => name !== 'constant');
    await checkValues(Object.fromEntries(predicting), model, shape, forms);
  },
};

process.once('SIGINT', () => {
  killAll();
  models.remove();
  process.exit(130);
});

console.log(
  'Ratios of one run: the median of rounds in which the contenders take turns, [lowest, highest] round.',
);
if (!pinned)
  console.log('taskset is missing: server and load share the cores, which makes ratios of rates doubtful.');
if (typeof fastApi === 'string') console.log(`Without FastAPI: ${fastApi}`);
const all = [];
try {
  for (const name of asked.length > 0 ? asked : Object.keys(CASES)) {
    const { run } = await import(`./cases/${name}.js`);
    const startedAt = performance.now();
    const rows = await run(bench);
    printCase(`${name}: ${CASES[name]}`, rows, (performance.now() - startedAt) / 1000);
    all.push(...rows);
  }
} finally {
  killAll();
  models.remove();
}
printSummary(all);
