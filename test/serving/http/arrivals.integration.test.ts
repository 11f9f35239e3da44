/** Who connects while a model runs in every turn of the event loop gets a place in the line, not what the others leave. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoadedModel, Runtime } from '../../../src/serving/runtime/index.js';
import { serveModels, type TestServer } from '../../support/serving.js';

const CONNECTIONS = 100;

const signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
} as const;

/** Holds the event loop for a millisecond, as onnxruntime does. */
class Busy implements Runtime {
  async load(): Promise<LoadedModel> {
    return {
      signature,
      lanes: 1,
      run: async ([x]) => {
        const until = performance.now() + 1;
        while (performance.now() < until);
        return x === undefined ? [] : [{ ...x, name: 'y' }];
      },
      release: async () => {},
    };
  }
}

let server: TestServer;
beforeAll(async () => {
  server = await serveModels(
    { m: Buffer.alloc(1) },
    { runtime: new Busy(), config: { batching: { enabled: false, maxRows: 1 } } },
  );
});
afterAll(() => server.stop());

const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }] });
const REQUEST = `POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Asks again after each answer, and says which answer of its own it got. */
function client(port: number, onAnswer: (nth: number) => void): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  let answers = 0;
  socket.on('connect', () => socket.write(REQUEST));
  socket.on('data', (chunk) => {
    expect(chunk.toString('latin1', 9, 12)).toBe('200');
    onAnswer(++answers);
    socket.write(REQUEST);
  });
  return socket;
}

describe('connections that come all at once', () => {
  it('each have their first answer before others have had many', async () => {
    const { port } = new URL(server.url);
    let [first, more] = [0, 0];
    const sockets: Socket[] = [];
    await new Promise<void>((resolve) => {
      const answered = (nth: number) => {
        if (nth > 1) more++;
        else if (++first === CONNECTIONS) resolve();
      };
      for (let i = 0; i < CONNECTIONS; i++) sockets.push(client(Number(port), answered));
    });
    for (const socket of sockets) socket.destroy();
    expect(more).toBeLessThan(CONNECTIONS / 4);
  });
});
