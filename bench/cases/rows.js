// 256 rows of 16 features in one request: what reading and printing numbers costs.
import { bareLoop, gantry } from '../processes.js';
import { load, perCpu, perSecond, ratio, takeTurns } from '../compare.js';

const ROUNDS = 5;
const SHAPE = [256, 16];

export async function run(bench) {
  const model = await bench.models.get('tabular');
  const { servers, stop } = await bench.start(model, {
    gantry: gantry(model.repository),
    loop: bareLoop(model.file),
    ...bench.fastApi(model),
  });
  await bench.check(servers, model, SHAPE);
  const plan = { connections: 8, body: { shape: SHAPE } };
  const { gantry: ours, ...peers } = await takeTurns(
    Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, () => load(server, plan)])),
    ROUNDS,
  );
  await stop();
  return Object.entries(peers).map(([name, theirs]) => ({
    what: `256 rows a request: rows/s / ${name}`,
    ...ratio(ours, theirs, perSecond),
    byCpu: ratio(ours, theirs, perCpu).value,
    goal: name === 'loop' ? { least: 1.3 } : undefined,
  }));
}
