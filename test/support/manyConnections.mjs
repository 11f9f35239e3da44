// Opens many connections, asks on each for a prediction of its own, and keeps all of them to the end.
// Arguments: host, port, how many. Prints one line: {"opened", "right", "wrong", "failed", "stillOpen"}.
import { connect } from 'node:net';
import process, { stdout } from 'node:process';

const [host, port, count] = process.argv.slice(2);
const AT_ONCE = 200;
const total = { opened: 0, right: 0, wrong: 0, failed: 0 };

/** What the linear model of four features answers: weights count up by eighths, and a half is added. */
const expected = (i) => 0.5 + i / 8 + 2 / 4 + (i * 3) / 8;

function open() {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      total.opened++;
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}

function ask(socket, i) {
  const data = [7, i, 2, i];
  const body = JSON.stringify({
    id: String(i),
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data }],
  });
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      const json = text.slice(text.indexOf('\r\n\r\n') + 4);
      if (!json.endsWith(']}]}') && !json.endsWith('"}')) return;
      resolve(text);
    });
    socket.once('close', () => resolve(text));
    socket.write(
      `POST /v2/models/linear/infer HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
}

const sockets = [];

async function openAndAsk(i) {
  const socket = await open();
  if (socket === undefined) {
    total.failed++;
    return;
  }
  sockets.push(socket);
  const text = await ask(socket, i);
  if (!text.startsWith('HTTP/1.1 200')) {
    total.failed++;
    return;
  }
  const answer = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
  const right = answer.id === String(i) && answer.outputs[0].data[0] === expected(i);
  total[right ? 'right' : 'wrong']++;
}

for (let i = 0; i < Number(count); i += AT_ONCE) {
  const some = Math.min(AT_ONCE, Number(count) - i);
  await Promise.all(Array.from({ length: some }, (_, j) => openAndAsk(i + j)));
}
total.stillOpen = sockets.filter((socket) => !socket.destroyed && socket.readyState === 'open').length;
stdout.write(`${JSON.stringify(total)}\n`, () => process.exit());
