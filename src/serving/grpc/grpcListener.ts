/**
 * The port that gRPC is spoken on. grpc-js takes longer to load than a server may take to start, and many servers are
 * never asked in gRPC: it is loaded when the first client connects, which waits that once.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Clock, Logger } from '../../base/index.js';
import { messageOf } from '../../base/index.js';
import { bind, lingerWhileConnected } from '../listening.js';
import type { GrpcServer, GrpcServerOptions } from './grpcServer.js';

export interface GrpcListenerOptions extends GrpcServerOptions {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  readonly logger: Logger;
}

/** Every call is answered: a client gets this long to close its side of the connection. */
const CLOSE_MS = 500;

export class GrpcListener {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #load: () => Promise<GrpcServer>;
  readonly #sockets = new Set<Socket>();
  #loading: Promise<GrpcServer> | undefined;

  private constructor(server: Server, clock: Clock, load: () => Promise<GrpcServer>) {
    this.#server = server;
    this.#clock = clock;
    this.#load = load;
  }

  /** Rejects with a ProblemError when the port cannot be had. */
  static async listen(options: GrpcListenerOptions): Promise<GrpcListener> {
    const server = createServer({ noDelay: true });
    const listener = new GrpcListener(server, options.clock, async () => {
      const { GrpcServer } = await import('./grpcServer.js');
      return new GrpcServer(options);
    });
    server.on('connection', (socket) => {
      // Until HTTP/2 takes over: a connection that breaks is no error of the server.
      const ignore = () => socket.destroy();
      socket.on('error', ignore);
      listener.#serve(socket).catch((error: unknown) => {
        options.logger.error({ reason: messageOf(error) }, 'gRPC could not be started');
        socket.destroy();
      });
    });
    await bind(server, options);
    return listener;
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
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
    const endsAt = this.#clock.monotonic() + graceMs;
    const left = () => Math.max(0, endsAt - this.#clock.monotonic());
    const grpc = await this.#loading?.catch(() => undefined);
    grpc?.sendAway(graceMs);
    await lingerWhileConnected(this.#server, this.#clock, Math.min(lingerMs, graceMs));
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const late = await this.#loading?.catch(() => undefined);
    await late?.stop(left());
    const cut = this.#clock.schedule(Math.min(left(), CLOSE_MS), () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed;
    cut.cancel();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#loading ??= this.#load();
    const grpc = await this.#loading;
    if (!socket.destroyed) grpc.serve(socket);
  }
}
