import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A bare connection to the server at `url`: for what no HTTP client would send. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Sends `text` and returns everything that comes back until the server closes, as Latin-1. */
export async function rawExchange(url: string, text: string): Promise<string> {
  const socket = await openSocket(url);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}
