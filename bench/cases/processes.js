// What a second process on a second core is worth. The requests have 256 rows of short numbers, so that the load, which has
// to share the two cores with both processes, needs little of them: it pays for bytes, and a server for numbers.
import { BOTH_CORES, gantry, SERVER_CORE, startServer } from '../processes.js';
import { load, perCpu, perSecond, ratio, takeTurns } from '../compare.js';

const ROUNDS = 5;
const SHAPE = [256, 16];
const PLAN = { connections: 16, body: { shape: SHAPE, digits: 3 } };

export async function run(bench) {
  const model = await bench.models.get('tabular');
  const line = (count) => gantry(model.repository, '--processes', count);
  const single = await startServer(line('1'), SERVER_CORE);
  const pair = await startServer(line('2'), BOTH_CORES);
  await bench.check({ single, pair }, model, SHAPE);
  const { one, two } = await takeTurns(
    { one: () => load(single, PLAN), two: () => load(pair, PLAN) },
    ROUNDS,
  );
  await Promise.all([single.stop(), pair.stop()]);
  const byCpu = 2 * ratio(two, one, perCpu).value;
  return [
    {
      what: 'two processes: rate / one',
      ...ratio(two, one, perSecond),
      byCpu,
      goal: { least: 1.6 },
      note: 'by CPU: if each process had a core to itself',
    },
  ];
}
