/** A node:http server that slow, silent and malformed clients cannot hold, and that stops without dropping a request. */
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../base/index.js';
import type { ServerTls } from '../auth/index.js';
import { bind, lingerWhileConnected, type ListeningPlace } from '../listening.js';

export interface HttpServerOptions extends ListeningPlace {
  /** The longest a request may take to be answered, in milliseconds: a connection idle for longer is dropped. */
  readonly answerMs: number;
  readonly clock: Clock;
  /** Undefined for plain HTTP. */
  readonly tls?: ServerTls | undefined;
}

export interface ListeningServer {
  readonly address: AddressInfo;
  readonly server: Server;
  /**
   * Goes on listening for `lingerMs` while anybody is connected, since a proxy may not know yet; then accepts nothing more, and resolves when the
   * last answer is out, or when `graceMs` have passed in all and what is left was cut.
   */
  stop(lingerMs: number, graceMs: number): Promise<void>;
}

/** A head or a body that takes longer to arrive is an attack or a dead link. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
/** Longer than proxies keep their side (60 s and less), so that it is not this side that closes as a request comes. */
const KEEP_ALIVE_MS = 75_000;

const SERVER_OPTIONS = {
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
  noDelay: true,
};

export async function listen(
  listener: RequestListener,
  options: HttpServerOptions,
): Promise<ListeningServer> {
  const server = await serverOf(listener, options.tls);
  server.setTimeout(Math.max(options.answerMs + 30_000, KEEP_ALIVE_MS + 5_000), (socket) => socket.destroy());
  server.on('clientError', refuseMalformed);
  server.on('checkExpectation', (_request, response) => {
    response
      .writeHead(417, { 'Content-Type': 'application/json' })
      .end('{"error":"only 100-continue is expected here"}');
  });
  await bind(server, options);
  return {
    address: server.address() as AddressInfo,
    server,
    stop: (lingerMs, graceMs) => stop(server, options.clock, lingerMs, graceMs),
  };
}

async function serverOf(listener: RequestListener, tls: ServerTls | undefined): Promise<Server> {
  if (tls === undefined) return createServer(SERVER_OPTIONS, listener);
  const https = await import('node:https');
  const options = { ...SERVER_OPTIONS, ...tls.options, handshakeTimeout: HEADERS_MS };
  const server = https.createServer(options, listener);
  tls.follow(server);
  return server;
}

const STATUS_OF_PARSER_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What node's parser refuses never becomes a request; the client still gets an answer in the protocol's form. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: unknown }): void {
  if (!socket.writable || error.code === 'ECONNRESET' || (socket._httpMessage ?? undefined) !== undefined) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_PARSER_ERROR[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ error: `the request is not valid HTTP: ${STATUS_CODES[status] ?? ''}` });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

async function stop(server: Server, clock: Clock, lingerMs: number, graceMs: number): Promise<void> {
  const endsAt = clock.monotonic() + graceMs;
  await lingerWhileConnected(server, clock, Math.min(lingerMs, graceMs));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = clock.schedule(Math.max(0, endsAt - clock.monotonic()), () => server.closeAllConnections());
  await closed;
  cut.cancel();
}
