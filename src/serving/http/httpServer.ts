/** A node:http server that slow, silent and malformed clients cannot hold, and that stops without dropping a request. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../base/index.js';
import type { ServerTls } from '../auth/index.js';
import { bind, lingerWhileConnected, type ListeningPlace } from '../listening.js';
import type { DirectListener } from './direct/directConnection.js';
import { DirectConnections } from './direct/directConnections.js';
import { LONGEST_HEAD } from './direct/requestHead.js';
import { refuseMalformed } from './malformedRequest.js';
import { OpenConnections } from './openConnections.js';
import { SlowReaders } from './slowReaders.js';
import { serveGiven, type TakeConnection } from './spreadConnections.js';

export interface HttpServerOptions extends ListeningPlace {
  /** The longest a request may take to be answered, in milliseconds: a connection idle for longer is dropped. */
  readonly answerMs: number;
  readonly clock: Clock;
  /** Bytes of answers that clients have not read yet, all connections together; 256 MiB when not given. */
  readonly maxUnreadBytes?: number;
  /** How long a head, and a whole request, may take to arrive, in milliseconds; 10 s and 60 s when not given. */
  readonly arrival?: { readonly headMs: number; readonly requestMs: number };
  /** Answers plain predictions without node:http; undefined where there are none. */
  readonly direct?: DirectListener | undefined;
  /** Called with what takes the connections that another process accepted; where it is given, nothing is listened on. */
  readonly given?: ((take: TakeConnection) => void) | undefined;
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
const ARRIVAL = { headMs: 10_000, requestMs: 60_000 };
const LOOK_FOR_LATE_MS = 2_000;
const MAX_UNREAD_BYTES = 2 ** 28;
/** Clients that connect without end do not keep a server from closing. */
const ACCEPT_MS = 100;
/** Longer than proxies keep their side (60 s and less), so that it is not this side that closes as a request comes. */
const KEEP_ALIVE_MS = 75_000;

export async function listen(
  listener: RequestListener,
  options: HttpServerOptions,
): Promise<ListeningServer> {
  const server = await serverOf(listener, options);
  const idleMs = Math.max(options.answerMs + 30_000, KEEP_ALIVE_MS + 5_000);
  server.setTimeout(idleMs, (socket) => socket.destroy());
  server.on('clientError', refuseMalformed);
  const event = options.tls === undefined ? 'connection' : 'secureConnection';
  const direct = directOf(server, options, { event, idleMs });
  new SlowReaders(server, {
    maxBytes: options.maxUnreadBytes ?? MAX_UNREAD_BYTES,
    clock: options.clock,
    event,
  });
  const open = new OpenConnections(server, options.clock);
  server.on('checkExpectation', (_request, response) => {
    response
      .writeHead(417, { 'Content-Type': 'application/json' })
      .end('{"error":"only 100-continue is expected here"}');
  });
  if (options.given === undefined) await bind(server, options);
  else options.given(serveGiven(server));
  return {
    address: server.address() as AddressInfo,
    server,
    stop: (lingerMs, graceMs) => stop({ server, direct, open, clock: options.clock }, lingerMs, graceMs),
  };
}

async function serverOf(
  listener: RequestListener,
  { tls, arrival = ARRIVAL }: HttpServerOptions,
): Promise<Server> {
  const { headMs, requestMs } = arrival;
  const bounds = {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(LOOK_FOR_LATE_MS, headMs),
    maxHeaderSize: LONGEST_HEAD,
    noDelay: true,
  };
  if (tls === undefined) return createServer(bounds, listener);
  const https = await import('node:https');
  const server = https.createServer({ ...bounds, ...tls.options, handshakeTimeout: headMs }, listener);
  tls.follow(server);
  return server;
}

function directOf(
  server: Server,
  { direct: listener, clock, arrival = ARRIVAL }: HttpServerOptions,
  { event, idleMs }: { readonly event: 'connection' | 'secureConnection'; readonly idleMs: number },
): DirectConnections | undefined {
  if (listener === undefined) return undefined;
  const { headMs, requestMs } = arrival;
  const lookEveryMs = Math.min(LOOK_FOR_LATE_MS, headMs, requestMs);
  return new DirectConnections(server, {
    event,
    listener,
    clock,
    keepAliveMs: KEEP_ALIVE_MS,
    limits: { firstMs: headMs, requestMs, idleMs },
    lookEveryMs,
  });
}

interface Stopping {
  readonly server: Server;
  readonly direct: DirectConnections | undefined;
  readonly open: OpenConnections;
  readonly clock: Clock;
}

async function stop(
  { server, direct, open, clock }: Stopping,
  lingerMs: number,
  graceMs: number,
): Promise<void> {
  const endsAt = clock.monotonic() + graceMs;
  await lingerWhileConnected(() => open.size, clock, Math.min(lingerMs, graceMs));
  await open.noNewOnes(Math.min(ACCEPT_MS, graceMs));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  open.cutSilent();
  direct?.stop();
  const cut = clock.schedule(Math.max(0, endsAt - clock.monotonic()), () => {
    direct?.destroy();
    server.closeAllConnections();
  });
  await closed;
  await open.none();
  cut.cancel();
}
