// A load generator: raw sockets, one request at a time on each, so that it costs less than what it measures.
// usage: node load.js '{"port":…,"path":…,"connections":…,"seconds":…,"features":…,"rows":…,"distinct":0|N}'
// `distinct` 0 makes every input unique; N takes turns among N bodies. Prints one line of JSON.
import { connect } from 'node:net';

const plan = {
  connections: 32,
  seconds: 3,
  warmUpSeconds: 1,
  features: 16,
  rows: 1,
  distinct: 0,
  input: 'x',
  ...JSON.parse(process.argv[2]),
};
const NUMBERS = Array.from({ length: 4096 }, (_, i) => String(((i * 7919) % 4096) / 1000));
let state = 12345;
const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);

function makeRequest() {
  const count = plan.features * plan.rows;
  let data = NUMBERS[next() >>> 20];
  for (let i = 1; i < count; i++) data += ',' + NUMBERS[next() >>> 20];
  const body = `{"inputs":[{"name":"${plan.input}","datatype":"FP32","shape":[${plan.rows},${plan.features}],"data":[${data}]}]}`;
  return `POST ${plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

const bodies = Array.from({ length: plan.distinct }, makeRequest);
let turn = 0;
const nextRequest = () => (plan.distinct === 0 ? makeRequest() : bodies[turn++ % plan.distinct]);

const latencies = [];
const statuses = {};
let measuring = false;
let total = 0;
let done = false;

function open() {
  const socket = connect({ host: '127.0.0.1', port: plan.port, noDelay: true });
  let sentAt = 0;
  let pending = '';
  const send = () => {
    sentAt = performance.now();
    socket.write(nextRequest(), 'latin1');
  };
  socket.setEncoding('latin1');
  socket.on('connect', send);
  socket.on('error', () => {});
  socket.on('data', (text) => {
    pending += text;
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    const at = pending.search(/content-length: /i);
    const length = parseInt(pending.slice(at + 16, at + 28), 10);
    if (pending.length < end + 4 + length) return;
    total++;
    if (measuring) {
      latencies.push(performance.now() - sentAt);
      const status = pending.slice(9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    pending = '';
    if (done) socket.end();
    else send();
  });
}

for (let i = 0; i < plan.connections; i++) open();
setTimeout(() => {
  measuring = true;
  setTimeout(() => {
    done = true;
    measuring = false;
    latencies.sort((a, b) => a - b);
    const at = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? NaN;
    console.log(
      JSON.stringify({ rate: latencies.length / plan.seconds, total, p50: at(0.5), p99: at(0.99), statuses }),
    );
    setTimeout(() => process.exit(0), 100);
  }, plan.seconds * 1000);
}, plan.warmUpSeconds * 1000);
