// A load generator: raw sockets, one request at a time on each, so that it costs less than what it measures.
// usage: node load.js PLAN   (JSON; the fields and their defaults are below). Prints one line of JSON.
import { connect } from 'node:net';
import { createBodies } from './bodies.js';

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
const waiting = new Map();
let measuring = false;
let done = false;
let total = 0;
let timeouts = 0;
let broken = 0;

/** Length of the answer at the start of `text`; undefined while its head is not whole. */
function answerLength(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const at = text.search(/content-length: /i);
  return end + 4 + (at < 0 ? 0 : parseInt(text.slice(at + 16, at + 28), 10));
}

/** Who is told to come back later does so, as the header asks. */
function retryAfterMs(text) {
  return Number(/retry-after: (\d+)/i.exec(text)?.[1] ?? 0) * 1000;
}

function open(port) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const nextRequest = requestsOf();
  let sentAt = 0;
  let pending = '';
  const send = () => {
    sentAt = performance.now();
    waiting.set(socket, sentAt);
    socket.write(nextRequest(), 'latin1');
  };
  const answered = () => {
    total++;
    waiting.delete(socket);
    if (measuring) {
      const status = pending.slice(9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
      const ms = performance.now() - sentAt;
      if (status === '200') latencies.push(ms);
      if (ms > plan.timeoutMs) timeouts++;
    }
    const refusedFor = pending.startsWith('503', 9) ? retryAfterMs(pending) : 0;
    pending = '';
    if (done) socket.end();
    else if (refusedFor > 0) setTimeout(() => (done ? socket.end() : send()), refusedFor);
    else send();
  };
  socket.setEncoding('latin1');
  socket.on('connect', send);
  socket.on('error', () => broken++);
  socket.on('data', (text) => {
    pending += text;
    const length = answerLength(pending);
    if (length !== undefined && pending.length >= length) answered();
  });
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

for (let i = 0; i < plan.connections; i++) open(plan.ports[i % plan.ports.length]);
await pause(plan.warmUpSeconds);
measuring = true;
const startedAt = performance.now();
await pause(plan.seconds);
measuring = false;
done = true;
const seconds = (performance.now() - startedAt) / 1000;
// What is under way gets the rest of its time before it counts as lost.
for (let left = plan.timeoutMs; waiting.size > 0 && left > 0; left -= 20) await pause(0.02);
timeouts += waiting.size;

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
