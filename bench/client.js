// One connection of a load: a raw socket with one request at a time on it, so that it costs less than what it measures.
import { connect } from 'node:net';

/**
 * Opens a connection and tells when it stands. `onAnswer` gets an answer's status (as text), the milliseconds since the request was
 * sent, and how long to stay away, in milliseconds.
 */
export function openClient(port, { nextRequest, onOpen, onAnswer, onBroken = () => {} }) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let pending = '';
  const client = {
    sentAt: 0,
    waiting: false,
    send() {
      client.sentAt = performance.now();
      client.waiting = true;
      socket.write(nextRequest(), 'latin1');
    },
    end: () => socket.end(),
  };
  socket.setEncoding('latin1');
  socket.on('connect', () => onOpen(client));
  socket.on('error', onBroken);
  socket.on('data', (text) => {
    pending += text;
    const length = answerLength(pending);
    if (length === undefined || pending.length < length) return;
    const status = pending.slice(9, 12);
    const retryAfterMs = status === '503' ? secondsToStayAway(pending) * 1000 : 0;
    pending = '';
    client.waiting = false;
    onAnswer(client, { status, ms: performance.now() - client.sentAt, retryAfterMs });
  });
  return client;
}

/** Length of the answer at the start of `text`; undefined while its head is not whole. */
function answerLength(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const at = text.search(/content-length: /i);
  return end + 4 + (at < 0 ? 0 : parseInt(text.slice(at + 16, at + 28), 10));
}

/** Who is told to come back later does so, as the header asks. */
function secondsToStayAway(text) {
  return Number(/retry-after: (\d+)/i.exec(text)?.[1] ?? 0);
}
