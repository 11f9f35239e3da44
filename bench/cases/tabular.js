// The small tabular model, every input new: rate, latency and what is left in memory.
import { bareLoop, constantReply, gantry } from '../processes.js';
import { alternate, load, of, perCpu, perSecond, ratio, takeTurns } from '../compare.js';

const ROUNDS = 5;

export async function run(bench) {
  const model = await bench.models.get('tabular');
  const { servers, stop } = await bench.start(model, {
    gantry: gantry(model.repository),
    loop: bareLoop(model.file),
    constant: constantReply(),
    ...bench.fastApi(model),
  });
  await bench.check(servers, model, [1, 16]);
  const rows = [
    ...(await uniqueInputs(servers)),
    ...(await hotInputs(servers)),
    ...(await oneConnection(servers)),
    ...(await manyConnections(servers)),
  ];
  rows.push({
    what: 'resident after all this',
    ...of([servers.gantry], (server) => server.residentMiB()),
    unit: ' MiB',
    goal: { most: 130 },
    note: `loop ${servers.loop.residentMiB().toFixed(0)} MiB${servers.fastapi ? `, FastAPI ${servers.fastapi.residentMiB().toFixed(0)} MiB` : ''}`,
  });
  await stop();
  return rows;
}

const turns = (servers, names, plan, rounds = ROUNDS) =>
  takeTurns(
    Object.fromEntries(
      names.filter((name) => servers[name]).map((name) => [name, () => load(servers[name], plan)]),
    ),
    rounds,
  );

/** By turns, of servers that V8 has compiled for this load before. */
async function byTurns(servers, names, { connections = 32, body = {} } = {}) {
  const there = Object.fromEntries(
    names.filter((name) => servers[name]).map((name) => [name, servers[name]]),
  );
  for (const server of Object.values(there)) await load(server, { connections, seconds: 1.5, body });
  return alternate(there, { connections, turns: 8 * ROUNDS, turnsOfRound: 8, turnMs: 100, body });
}

async function uniqueInputs(servers) {
  const results = await byTurns(servers, ['gantry', 'loop', 'fastapi', 'constant']);
  const note = Object.entries(results)
    .map(([name, each]) => `${name} ${of(each, (r) => r.cpuUs).value.toFixed(0)}`)
    .join(', ');
  const against = (peer, goal) =>
    results[peer] === undefined
      ? {
          what: `unique inputs, 32 connections: rate / ${peer}`,
          skipped: 'the peer could not be installed',
          goal,
        }
      : {
          what: `unique inputs, 32 connections: rate / ${peer}`,
          ...ratio(results.gantry, results[peer], perSecond),
          byCpu: ratio(results.gantry, results[peer], perCpu).value,
          goal,
        };
  return [
    against('fastapi', { least: 4 }),
    { ...against('loop', { least: 1.8 }), note: `us of CPU a request: ${note}` },
    against('constant', undefined),
  ];
}

async function hotInputs(servers) {
  const results = await byTurns(servers, ['gantry', 'constant'], { body: { distinct: 100 } });
  return [
    {
      what: '100 hot inputs, 32 connections: rate / constant',
      ...ratio(results.gantry, results.constant, perSecond),
      byCpu: ratio(results.gantry, results.constant, perCpu).value,
      goal: { least: 0.8 },
    },
  ];
}

async function oneConnection(servers) {
  const results = await byTurns(servers, ['gantry', 'loop'], { connections: 1 });
  return [
    {
      what: 'one connection: p50 / loop',
      ...ratio(results.gantry, results.loop, (r) => r.p50),
      goal: { most: 1.1 },
      note: `p50 ${of(results.gantry, (r) => r.p50).value.toFixed(3)} ms`,
    },
  ];
}

async function manyConnections(servers) {
  const results = await turns(servers, ['gantry', 'loop', 'fastapi'], { connections: 128 });
  const against = (peer, goal) =>
    results[peer] === undefined
      ? { what: `128 connections: p99 / ${peer}`, skipped: 'the peer could not be installed', goal }
      : {
          what: `128 connections: p99 / ${peer}`,
          ...ratio(results.gantry, results[peer], (r) => r.p99),
          goal,
          note: `p99 ${of(results.gantry, (r) => r.p99).value.toFixed(1)} ms, ${peer} ${of(results[peer], (r) => r.p99).value.toFixed(1)} ms`,
        };
  return [against('fastapi', { most: 0.5 }), against('loop', undefined)];
}
