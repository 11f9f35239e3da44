// What a second process on a second core is worth. The requests have 256 rows, so that the load, which has to share
// the two cores with both processes, needs next to nothing of them.
import { gantry, SERVER_CORE, startServer } from '../processes.js';
import { load, perSecond, ratio, takeTurns } from '../compare.js';

const ROUNDS = 5;
const BOTH_CORES = '0,1';
const PLAN = { connections: 16, body: { shape: [256, 16], distinct: 256 } };

export async function run(bench) {
  const model = await bench.models.get('tabular');
  const line = gantry(model.repository);
  const single = await startServer(line, SERVER_CORE);
  const pair = [await startServer(line, BOTH_CORES), await startServer(line, BOTH_CORES)];
  await bench.check({ single, first: pair[0], second: pair[1] }, model, [256, 16]);
  const { one, two } = await takeTurns(
    { one: () => load(single, PLAN), two: () => load(pair, PLAN) },
    ROUNDS,
  );
  await Promise.all([single, ...pair].map((server) => server.stop()));
  return [{ what: 'two processes: rate / one', ...ratio(two, one, perSecond), goal: { least: 1.6 } }];
}
