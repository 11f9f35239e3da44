/**
 * The port that gRPC is spoken on. grpc-js takes longer to load than a server may take to start, and many servers are
 * never asked in gRPC: it is loaded when the first client connects, which waits that once.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../base/index.js';
import { certificateNamesOf, type ServerTls } from '../auth/index.js';
import { bind, connectionCount, lingerWhileConnected, type ListeningPlace } from '../listening.js';
import type { GrpcServer, GrpcServerOptions } from './grpcServer.js';

export interface GrpcListenerOptions extends Omit<GrpcServerOptions, 'certificateNames'>, ListeningPlace {
  /** Undefined where clients speak without TLS. */
  readonly tls: ServerTls | undefined;
}

const HANDSHAKE_MS = 10_000;
/** Every call is answered: a client gets this long to close its side of the connection. */
const CLOSE_MS = 500;

export class GrpcListener {
  readonly #options: GrpcListenerOptions;
  readonly #server: Server;
  /** By the peer's address and port. */
  readonly #sockets = new Map<string, Socket>();
  #loading: Promise<GrpcServer> | undefined;

  private constructor(options: GrpcListenerOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    server.on(options.tls === undefined ? 'connection' : 'secureConnection', this.#onConnection);
  }

  /** Rejects with a ProblemError when the port cannot be had. */
  static async listen(options: GrpcListenerOptions): Promise<GrpcListener> {
    const server = await serverOf(options.tls);
    const listener = new GrpcListener(options, server);
    await bind(server, options);
    return listener;
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** For other processes to accept on as well. */
  get socket(): Server {
    return this.#server;
  }

  /** To be called when readiness may have changed. */
  readinessChanged(): void {
    void this.#loading?.then((grpc) => grpc.readinessChanged());
  }

  /**
   * Sends clients away, but serves those that come for `lingerMs`, since a proxy may not know yet; then takes no more,
   * and resolves when the last answer is out, or when `graceMs` have passed in all and what is left was cut.
   */
  async stop(lingerMs: number, graceMs: number): Promise<void> {
    const endsAt = this.#options.clock.monotonic() + graceMs;
    const left = () => Math.max(0, endsAt - this.#options.clock.monotonic());
    const grpc = await this.#loading?.catch(() => undefined);
    grpc?.sendAway(graceMs);
    await lingerWhileConnected(
      () => connectionCount(this.#server),
      this.#options.clock,
      Math.min(lingerMs, graceMs),
    );
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const late = await this.#loading?.catch(() => undefined);
    await late?.stop(left());
    const cut = this.#options.clock.schedule(Math.min(left(), CLOSE_MS), () => {
      for (const socket of this.#sockets.values()) socket.destroy();
    });
    await closed;
    cut.cancel();
  }

  readonly #onConnection = (socket: Socket): void => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.set(peer, socket);
    socket.once('close', () => this.#sockets.delete(peer));
    // Until HTTP/2 takes over: a connection that breaks is no error of the server.
    socket.on('error', () => socket.destroy());
    this.#loading ??= this.#load();
    this.#loading.then(
      (grpc) => {
        if (!socket.destroyed) grpc.serve(socket);
      },
      () => socket.destroy(),
    );
  };

  async #load(): Promise<GrpcServer> {
    try {
      const { GrpcServer } = await import('./grpcServer.js');
      return new GrpcServer({ ...this.#options, certificateNames: this.#certificateNames });
    } catch (error) {
      this.#options.logger.error({ reason: messageOf(error) }, 'gRPC could not be started');
      throw error;
    }
  }

  /** grpc-js tells a call's peer, and not its socket. */
  readonly #certificateNames = (peer: string): readonly string[] => {
    const socket = this.#sockets.get(peer);
    return socket === undefined ? [] : certificateNamesOf(socket);
  };
}

async function serverOf(tls: ServerTls | undefined): Promise<Server> {
  if (tls === undefined) return createServer({ noDelay: true });
  const { createServer: createTlsServer } = await import('node:tls');
  const server = createTlsServer({
    ...tls.options,
    ALPNProtocols: ['h2'],
    handshakeTimeout: HANDSHAKE_MS,
    noDelay: true,
  });
  tls.follow(server);
  return server;
}
