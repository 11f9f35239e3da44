// A model of 36 ms at 8 connections: its rate against the model alone, and what health checks feel meanwhile.
import { bareLoop, gantry, measure, SERVER_CORE } from '../processes.js';
import { load, of, perSecond, ratio, takeTurns } from '../compare.js';

const ROUNDS = 3;
const SECONDS = 2.5;
const HEALTH = '/v2/health/live';

export async function run(bench) {
  const model = await bench.models.get('36ms');
  const { servers, stop } = await bench.start(model, {
    gantry: gantry(model.repository),
    loop: bareLoop(model.file),
  });
  await bench.check(servers, model, [1, 16]);
  const probe = (server, connectionsPerSecond) =>
    measure('probe.js', [{ port: server.port, path: HEALTH, seconds: SECONDS, connectionsPerSecond }]);
  const plan = {
    path: `/v2/models/${model.name}/infer`,
    connections: 8,
    seconds: SECONDS,
    timeoutMs: 10_000,
  };
  const underLoad = (server, connectionsPerSecond) => async () => {
    const loaded = load(server, plan);
    const health = await probe(server, connectionsPerSecond);
    return { ...(await loaded), health };
  };
  const results = await takeTurns(
    {
      alone: () => measure('peers/modelAlone.js', [model.file, SECONDS], SERVER_CORE),
      sequential: underLoad(servers.gantry, 0),
      arriving: underLoad(servers.gantry, 50),
      inline: underLoad(servers.loop, 0),
      idle: async () => ({ health: await probe(servers.gantry, 50) }),
    },
    ROUNDS,
  );
  await stop();
  return rowsOf(results);
}

function rowsOf({ alone, sequential, arriving, inline, idle }) {
  const p99 = (result) => result.health.p99;
  const idleNote = `${of(idle, p99).value.toFixed(1)} ms on the idle server`;
  return [
    {
      what: '36 ms model, 8 connections: rate / model alone',
      ...ratio(sequential, alone, perSecond),
      goal: { least: 0.95 },
      note: `model alone ${(1000 / of(alone, perSecond).value).toFixed(1)} ms a row`,
    },
    {
      what: 'health p99 meanwhile, one probe at a time',
      ...of(sequential, p99),
      unit: ' ms',
      goal: { most: 10 },
      note: `loop ${of(inline, p99).value.toFixed(0)} ms`,
    },
    {
      what: 'health p99 meanwhile, 50 new connections a second',
      ...of(arriving, p99),
      unit: ' ms',
      goal: { most: 10 },
      note: idleNote,
    },
  ];
}
