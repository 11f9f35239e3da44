// A load generator. usage: node load.js PLAN   (JSON; the fields and their defaults are below). Prints one line of JSON.
import { createBodies } from './bodies.js';
import { openClient } from './client.js';

const plan = {
  ports: [],
  path: '/v2/models/tabular/infer',
  connections: 32,
  warmUpSeconds: 0.4,
  seconds: 1,
  /** A request without an answer for this long is a time-out. */
  timeoutMs: 5000,
  /** What is asked: see bodies.js. */
  body: {},
  ...JSON.parse(process.argv[2]),
};
const requestsOf = createBodies(plan.path, plan.body);

const latencies = [];
const statuses = {};
const clients = [];
let measuring = false;
let done = false;
let total = 0;
let timeouts = 0;
let broken = 0;

function onAnswer(client, { status, ms, retryAfterMs }) {
  total++;
  if (measuring) {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === '200') latencies.push(ms);
    if (ms > plan.timeoutMs) timeouts++;
  }
  if (done) client.end();
  else if (retryAfterMs > 0) setTimeout(() => (done ? client.end() : client.send()), retryAfterMs);
  else client.send();
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const unanswered = () => clients.filter(({ waiting }) => waiting).length;

for (let i = 0; i < plan.connections; i++) {
  const asks = { nextRequest: requestsOf(), onOpen: (client) => client.send(), onAnswer };
  clients.push(openClient(plan.ports[i % plan.ports.length], { ...asks, onBroken: () => broken++ }));
}
await pause(plan.warmUpSeconds);
measuring = true;
const startedAt = performance.now();
await pause(plan.seconds);
measuring = false;
done = true;
const seconds = (performance.now() - startedAt) / 1000;
// What is under way gets the rest of its time before it counts as lost.
for (let left = plan.timeoutMs; unanswered() > 0 && left > 0; left -= 20) await pause(0.02);
timeouts += unanswered();

latencies.sort((a, b) => a - b);
const at = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? NaN;
console.log(
  JSON.stringify({
    rate: latencies.length / seconds,
    total,
    p50: at(0.5),
    p99: at(0.99),
    statuses,
    timeouts,
    broken,
  }),
);
process.exit(0);
