// Asks for health while something else loads the server, and tells how long the answers took.
// usage: node probe.js '{"port":…,"path":…,"seconds":…,"connectionsPerSecond":0|N}'
// 0: one probe at a time on one connection, ten milliseconds apart. N: each probe on a new connection, N a second.
import { connect } from 'node:net';

const { port, path, seconds, connectionsPerSecond } = JSON.parse(process.argv[2]);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const GIVE_UP_MS = 10_000;
const latencies = [];

function ask(socket) {
  return new Promise((resolve) => {
    const since = performance.now();
    const answered = () => {
      latencies.push(performance.now() - since);
      resolve();
    };
    socket.once('data', answered);
    if (socket.connecting) socket.once('connect', () => socket.write(request));
    else socket.write(request);
  });
}

async function oneAtATime(endsAt) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  while (performance.now() < endsAt) {
    await ask(socket);
    await pause(10);
  }
}

async function newConnections(endsAt) {
  const asked = [];
  for (let at = performance.now(); at < endsAt; at += 1000 / connectionsPerSecond) {
    await pause(Math.max(0, at - performance.now()));
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    asked.push(ask(socket).then(() => socket.end()));
  }
  await Promise.all(asked);
}

const endsAt = performance.now() + seconds * 1000;
const asking = connectionsPerSecond > 0 ? newConnections(endsAt) : oneAtATime(endsAt);
await Promise.race([asking, pause(seconds * 1000 + GIVE_UP_MS)]);
latencies.sort((a, b) => a - b);
const at = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? Infinity;
console.log(JSON.stringify({ probes: latencies.length, p50: at(0.5), p99: at(0.99) }));
process.exit(0);
