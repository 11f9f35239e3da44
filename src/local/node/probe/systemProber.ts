import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { type Clock, messageOf, sleep } from '../../../base/index.js';
import type { Handler, HttpGetAction } from '../../objects/index.js';
import type { ProcessSpawner } from '../process/spawner.js';
import { checkGrpcHealth } from './grpcHealth.js';
import { portNumber, type Prober, type ProbeResult, type ProbeTarget } from './prober.js';

/** What of an exec probe's output is kept for its message. */
const MAX_OUTPUT = 10 * 2 ** 10;
const SUCCESS: ProbeResult = { ok: true, message: '' };

/** Probes over this machine's network and with its processes. */
export function createSystemProber(options: { clock: Clock; spawner: ProcessSpawner }): Prober {
  const { clock, spawner } = options;
  return {
    async probe(handler, target, timeoutMs) {
      try {
        return await dispatch(handler, target, timeoutMs);
      } catch (error) {
        return { ok: false, message: messageOf(error) };
      }
    },
  };

  async function dispatch(handler: Handler, target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
    if (handler.httpGet !== undefined) return probeHttp(handler.httpGet, target, timeoutMs);
    if (handler.tcpSocket !== undefined) {
      const port = portNumber(handler.tcpSocket.port, target);
      return probeTcp(handler.tcpSocket.host ?? target.podIP, port, timeoutMs);
    }
    if (handler.grpc !== undefined) {
      const { port, service = '' } = handler.grpc;
      return checkGrpcHealth(`${target.podIP}:${port}`, service, { now: clock.now(), timeoutMs });
    }
    if (handler.exec !== undefined) return probeExec(handler.exec.command ?? [], target, timeoutMs);
    if (handler.sleep !== undefined) await sleep(clock, handler.sleep.seconds * 1000);
    return SUCCESS;
  }

  async function probeExec(
    command: readonly string[],
    target: ProbeTarget,
    timeoutMs: number,
  ): Promise<ProbeResult> {
    const spec = target.processOf(command);
    if (spec === undefined) return { ok: false, message: 'command is empty' };
    let output = '';
    const running = await spawner.start(spec, {
      write: (_stream, chunk) => {
        if (output.length < MAX_OUTPUT) output += chunk.toString('utf8');
        return true;
      },
      drained: () => Promise.resolve(),
    });
    let late = false;
    const timer = clock.schedule(timeoutMs, () => {
      late = true;
      running.kill('SIGKILL');
    });
    const { code } = await running.exited;
    timer.cancel();
    if (late)
      return {
        ok: false,
        message: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`,
      };
    return { ok: code === 0, message: output.slice(0, MAX_OUTPUT) };
  }
}

function probeHttp(action: HttpGetAction, target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const port = portNumber(action.port, target);
  const host = action.host === undefined || action.host === '' ? target.podIP : action.host;
  const isTls = action.scheme === 'HTTPS';
  const path = action.path === undefined || action.path === '' ? '/' : action.path;
  const url = `${isTls ? 'https' : 'http'}://${host}:${port ?? 0}${path.startsWith('/') ? path : `/${path}`}`;
  if (port === undefined) return Promise.resolve({ ok: false, message: `couldn't find port ${action.port}` });
  const headers: Record<string, string> = {
    'user-agent': 'kube-probe/1.35',
    accept: '*/*',
    connection: 'close',
  };
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value;
  return new Promise((resolve) => {
    const options = { headers, agent: false, signal: AbortSignal.timeout(timeoutMs) };
    const request = isTls
      ? httpsRequest(url, { ...options, rejectUnauthorized: false })
      : httpRequest(url, options);
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      const ok = status >= 200 && status < 400;
      resolve(ok ? SUCCESS : { ok, message: `HTTP probe failed with statuscode: ${status}` });
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ ok: false, message: `Get "${url}": ${connectionError(error, `${host}:${port}`)}` });
    });
    request.end();
  });
}

function probeTcp(host: string, port: number | undefined, timeoutMs: number): Promise<ProbeResult> {
  if (port === undefined) return Promise.resolve({ ok: false, message: "couldn't find the port" });
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal: AbortSignal.timeout(timeoutMs) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(SUCCESS);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ ok: false, message: connectionError(error, `${host}:${port}`) });
    });
  });
}

/** Go's words for what Node says, so that events read as a cluster's do. */
function connectionError(error: NodeJS.ErrnoException, address: string): string {
  if (error.code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`;
  if (error.code === 'ECONNRESET') return `read tcp ${address}: read: connection reset by peer`;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  }
  return error.message;
}
