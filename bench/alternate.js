// A load that goes from one server to the other every few tens of milliseconds, on connections that stay: what else the machine does lasts
// longer than that, and so meets both. usage: node alternate.js PLAN   (JSON; the fields and their defaults are below). Prints one line of
// JSON: for each turn, and each server in the plan's order, answers, their median latency in milliseconds, and microseconds of wall and of the
// server's CPU time.
import { createBodies } from './bodies.js';
import { openClient } from './client.js';
import { cpuUs } from './processes.js';

const plan = {
  /** {port, pid} of each. */
  servers: [],
  path: '/v2/models/tabular/infer',
  connections: 32,
  turns: 20,
  turnMs: 60,
  body: {},
  ...JSON.parse(process.argv[2]),
};

const contenders = await Promise.all(plan.servers.map(connectAll));
const turns = [];
for (let turn = 0; turn < plan.turns; turn++) {
  const results = [];
  // Back and forth, so that none always follows another.
  const order = turn % 2 === 0 ? contenders : contenders.toReversed();
  for (const contender of order) results.push(await contender.play(plan.turnMs));
  turns.push(turn % 2 === 0 ? results : results.toReversed());
}
console.log(JSON.stringify(turns));
process.exit(0);

async function connectAll({ port, pid }) {
  const requestsOf = createBodies(plan.path, plan.body);
  let playing = false;
  let underWay = 0;
  let onIdle = () => {};
  const send = (client) => {
    underWay++;
    client.send();
  };
  let latencies = [];
  const onAnswer = (client, { status, ms }) => {
    if (status !== '200') throw new Error(`an answer with status ${status}`);
    underWay--;
    latencies.push(ms);
    if (playing) send(client);
    else if (underWay === 0) onIdle();
  };
  const clients = await Promise.all(
    Array.from(
      { length: plan.connections },
      () => new Promise((onOpen) => openClient(port, { nextRequest: requestsOf(), onOpen, onAnswer })),
    ),
  );
  return {
    /** All of a turn's requests are asked and answered within it. */
    async play(ms) {
      const [startedAt, spent] = [performance.now(), cpuUs(pid)];
      latencies = [];
      playing = true;
      const idle = new Promise((resolve) => (onIdle = resolve));
      for (const client of clients) send(client);
      setTimeout(() => (playing = false), ms);
      await idle;
      const wallUs = (performance.now() - startedAt) * 1000;
      const spentUs = cpuUs(pid) - spent;
      latencies.sort((a, b) => a - b);
      return { answers: latencies.length, p50: latencies[latencies.length >> 1], wallUs, cpuUs: spentUs };
    },
  };
}
