// An image tensor of 150,528 floats, as JSON and as binary: the server's CPU time for each answer.
import { bareLoop, gantry } from '../processes.js';
import { IMAGE_SHAPE } from '../models.js';
import { load, of, ratio, takeTurns } from '../compare.js';

const ROUNDS = 4;
const cpuMs = (result) => result.cpuUs / 1000;

export async function run(bench) {
  const model = await bench.models.get('image');
  const { servers, stop } = await bench.start(model, {
    gantry: gantry(model.repository),
    loop: bareLoop(model.file),
    ...bench.fastApi(model),
  });
  await bench.check(servers, model, IMAGE_SHAPE);
  await bench.check({ gantry: servers.gantry }, model, IMAGE_SHAPE, ['binary']);
  const under = (name, body) => () =>
    load(servers[name], {
      path: `/v2/models/${model.name}/infer`,
      connections: 4,
      warmUpSeconds: 0.3,
      body: { shape: IMAGE_SHAPE, ...body },
    });
  const full = { digits: 17 };
  const results = await takeTurns(
    {
      json: under('gantry', full),
      binary: under('gantry', { form: 'binary' }),
      loop: under('loop', full),
      short: under('gantry', { digits: 3 }),
      shortLoop: under('loop', { digits: 3 }),
      ...(servers.fastapi === undefined ? {} : { fastapi: under('fastapi', full) }),
    },
    ROUNDS,
  );
  await stop();
  return rowsOf(results);
}

function rowsOf({ json, binary, loop, short, shortLoop, fastapi }) {
  const ms = (each) => `${of(each, cpuMs).value.toFixed(2)} ms`;
  const rows = [
    {
      what: 'image as JSON, 17 digits: CPU / loop',
      ...ratio(json, loop, cpuMs),
      goal: { most: 0.33 },
      note: `${ms(json)}, loop ${ms(loop)}`,
    },
    {
      what: 'image as JSON, 3 digits: CPU / loop',
      ...ratio(short, shortLoop, cpuMs),
      goal: { most: 0.33 },
      note: `${ms(short)}, loop ${ms(shortLoop)}`,
    },
    { what: 'image as binary: CPU', ...of(binary, cpuMs), unit: ' ms', goal: { most: 0.8 } },
    { what: 'image as binary: CPU / own JSON', ...ratio(binary, json, cpuMs), goal: { most: 0.2 } },
  ];
  if (fastapi !== undefined) {
    rows.push({
      what: 'image as JSON, 17 digits: CPU / fastapi',
      ...ratio(json, fastapi, cpuMs),
      note: ms(fastapi),
    });
  }
  return rows;
}
