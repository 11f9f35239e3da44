// From the process' start to its first prediction.
import { bareLoop, gantry, residentMiB, startServer } from '../processes.js';
import { of, spread, takeTurns } from '../compare.js';
import { createBodies } from '../bodies.js';

const ROUNDS = 5;

export async function run(bench) {
  const model = await bench.models.get('tabular');
  const path = `/v2/models/${model.name}/infer`;
  const request = createBodies(path, {})()();
  const body = request.slice(request.indexOf('\r\n\r\n') + 4);
  const first = (commandLine) => async () => {
    const server = await startServer(commandLine);
    const readyMs = performance.now() - server.startedAt;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      }).catch(() => undefined);
      await answer?.text();
      if (answer?.status === 200) break;
    }
    const firstMs = performance.now() - server.startedAt;
    const restingMiB = residentMiB(server.pid);
    await server.stop();
    return { readyMs, firstMs, restingMiB };
  };
  const peers = bench.fastApi(model);
  const results = await takeTurns(
    {
      gantry: first(gantry(model.repository)),
      loop: first(bareLoop(model.file)),
      ...(peers.fastapi === undefined ? {} : { fastapi: first(peers.fastapi) }),
    },
    ROUNDS,
  );
  const firstMs = (result) => result.firstMs;
  const others = Object.entries(results)
    .filter(([name]) => name !== 'gantry')
    .map(([name, each]) => `${name} ${of(each, firstMs).value.toFixed(0)} ms`);
  return [
    { what: 'start to ready', ...of(results.gantry, (r) => r.readyMs), unit: ' ms', goal: { most: 500 } },
    {
      what: 'start to first prediction',
      ...of(results.gantry, firstMs),
      unit: ' ms',
      goal: { most: 300 },
      note: others.join(', '),
    },
    {
      what: 'start to first prediction / loop',
      ...spread(results.gantry.map((ours, round) => ours.firstMs / results.loop[round].firstMs)),
    },
    { what: 'resident after the first prediction', ...of(results.gantry, (r) => r.restingMiB), unit: ' MiB' },
  ];
}
