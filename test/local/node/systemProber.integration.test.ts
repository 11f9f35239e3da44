import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/base/index.js';
import type { ProbeTarget } from '../../../src/local/node/probe/prober.js';
import { createSystemProber } from '../../../src/local/node/probe/systemProber.js';
import { createSystemSpawner } from '../../../src/local/node/process/systemSpawner.js';

const prober = createSystemProber({ clock: systemClock, spawner: createSystemSpawner(systemClock) });

describe("a node's probes", () => {
  let server: Server;
  let port: number;
  const target: ProbeTarget = {
    podIP: '127.0.0.1',
    portOf: (name) => (name === 'http' ? port : undefined),
    processOf: ([command = '', ...args]) => ({ command, args, env: { PATH: '/usr/bin:/bin' }, cwd: '/' }),
  };

  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/hang') return;
      response.statusCode = request.headers['x-key'] === 'k' || request.url === '/moved' ? 302 : 503;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('take every HTTP status from 200 to 399 for success', async () => {
    const httpHeaders = [{ name: 'X-Key', value: 'k' }];
    expect(await prober.probe({ httpGet: { port: 'http', httpHeaders } }, target, 1000)).toMatchObject({
      ok: true,
    });
    expect(await prober.probe({ httpGet: { port: 'http', path: '/x' } }, target, 1000)).toEqual({
      ok: false,
      message: 'HTTP probe failed with statuscode: 503',
    });
  });

  it('say in kubelet’s words what is wrong with a connection', async () => {
    const hanging = await prober.probe({ httpGet: { port, path: '/hang' } }, target, 100);
    expect(hanging.message).toMatch(/^Get "http:\/\/127.0.0.1:\d+\/hang": context deadline exceeded/);
    const closed = await prober.probe({ tcpSocket: { port: 1 } }, target, 1000);
    expect(closed).toEqual({ ok: false, message: 'dial tcp 127.0.0.1:1: connect: connection refused' });
    expect(await prober.probe({ tcpSocket: { port: 'http' } }, target, 1000)).toMatchObject({ ok: true });
  });

  it('run commands and end those that take too long', async () => {
    const run = (...command: string[]) => prober.probe({ exec: { command } }, target, 300);
    expect(await run('true')).toMatchObject({ ok: true });
    expect(await run('/bin/sh', '-c', 'echo why; exit 1')).toEqual({ ok: false, message: 'why\n' });
    expect((await run('sleep', '5')).message).toBe('command timed out: "sleep 5" timed out after 0.3s');
    expect((await run('no-such-program')).message).toMatch(/executable file not found/);
  });

  it('ask the gRPC health service', async () => {
    const grpc = new GrpcServer();
    const check = {
      path: '/grpc.health.v1.Health/Check',
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    grpc.addService(
      { check },
      {
        check: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => {
          // NOT_SERVING for a named service, SERVING for the whole server.
          answer(null, Buffer.from([0x08, call.request.length === 0 ? 1 : 2]));
        },
      },
    );
    const bound = await new Promise<number>((resolve, reject) => {
      grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) => {
        if (error === null) resolve(at);
        else reject(error);
      });
    });
    expect(await prober.probe({ grpc: { port: bound } }, target, 1000)).toMatchObject({ ok: true });
    expect(await prober.probe({ grpc: { port: bound, service: 'x' } }, target, 1000)).toEqual({
      ok: false,
      message: 'service unhealthy (responded with "2")',
    });
    grpc.forceShutdown();
  });
});
