/** Puts an API server on a TLS socket: bytes in, bytes out; everything else is the server's own business. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf, problem, ProblemError } from '../../../base/index.js';
import type { ApiRequest, Transport } from '../../../kube/index.js';
import type { Certificate } from './certificates.js';

export interface ListenOptions {
  readonly server: Transport;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls: Certificate;
}

export interface Listener {
  readonly port: number;
  /** Accepts nothing more and ends what is open, watches too. */
  close(): Promise<void>;
}

/** A little over etcd's limit of a request, so that the server can say itself what is too large. */
const MAX_BODY_BYTES = 4 * 2 ** 20;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than clients keep a connection they do not use: the server is never the first to hang up. */
const KEEP_ALIVE_MS = 120_000;

const METHODS: ReadonlySet<string> = new Set<ApiRequest['method']>(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function joinHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  response
    .writeHead(code, { 'content-type': 'application/json', connection: 'close' })
    .end(`${JSON.stringify(status)}\n`);
}

async function answer(server: Transport, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // HEAD is GET without its body, which node leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  if (!METHODS.has(method))
    return refuse(
      response,
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    );
  const body = await readBody(request);
  if (body === undefined)
    return refuse(
      response,
      413,
      'RequestEntityTooLarge',
      `Request entity too large: limit is ${MAX_BODY_BYTES}`,
    );
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const result = await server.send({
    method: method as ApiRequest['method'],
    path: request.url ?? '/',
    headers: joinHeaders(request),
    ...(body.byteLength > 0 ? { body } : {}),
    signal: gone.signal,
  });
  response.writeHead(result.status, { ...result.headers });
  response.flushHeaders(); // a watch has no event yet, and its client waits for the status
  for await (const chunk of result.body) {
    if (!response.write(chunk) && !response.destroyed)
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    if (response.destroyed) break;
  }
  response.end();
}

/** Resolves when listening; rejects with a ProblemError when the port cannot be had. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const server = createServer(
    {
      cert: options.tls.cert,
      key: options.tls.key,
      minVersion: 'TLSv1.2',
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      answer(options.server, request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else refuse(response, 500, 'InternalError', `Internal error occurred: ${messageOf(error)}`);
      });
    },
  );
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new ProblemError(
          problem(
            'PortUnavailable',
            `${host}:${port}`,
            messageOf(error),
            'stop what listens there, or choose another port',
          ),
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
