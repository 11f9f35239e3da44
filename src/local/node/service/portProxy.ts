import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../../base/index.js';
import type { Backend } from './backends.js';
import { type Affinity, Balancer } from './balancer.js';

/** Open connections of one Service port; more are refused. */
const MAX_CONNECTIONS = 4096;

/** One port of one Service: a listener on its ClusterIP that leads each connection to a ready endpoint. */
export class PortProxy {
  private readonly balancer = new Balancer();
  private readonly clients = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly clock: Clock) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
      this.accept(client);
    });
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Rejects as `net` does when the address cannot be used. */
  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, exclusive: true }, () => {
        this.server.off('error', reject);
        this.server.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** New connections go to these from now on; open ones stay where they are until they end. */
  update(backends: readonly Backend[], affinity: Affinity | undefined): void {
    this.balancer.update(backends, affinity);
  }

  /** Stops listening and ends what is open. */
  close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    this.clients.add(client);
    client.once('close', () => this.clients.delete(client));
    client.on('error', () => client.destroy());
    const backends = this.balancer.order(client.remoteAddress ?? '', this.clock.monotonic());
    this.tryNext(client, backends, 0);
  }

  /** A backend that does not answer the connect is passed over: nothing of the client's has been read yet. */
  private tryNext(client: Socket, backends: readonly Backend[], index: number): void {
    const backend = backends[index];
    if (client.destroyed) return;
    if (backend === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...backend, allowHalfOpen: true, noDelay: true });
    const onRefused = () => {
      upstream.destroy();
      this.tryNext(client, backends, index + 1);
    };
    const onGone = () => upstream.destroy();
    client.once('close', onGone);
    upstream.once('error', onRefused);
    upstream.once('connect', () => {
      upstream.off('error', onRefused);
      client.off('close', onGone);
      const release = this.balancer.connected(client.remoteAddress ?? '', backend, this.clock.monotonic());
      upstream.once('close', release);
      splice(client, upstream);
    });
  }
}

/** Joins two sockets: data with backpressure, half-closes, and resets. */
function splice(client: Socket, upstream: Socket): void {
  upstream.on('error', () => client.resetAndDestroy());
  client.on('error', () => upstream.destroy());
  client.once('close', () => upstream.destroy());
  upstream.once('close', (failed) => {
    if (!failed && !client.writableEnded) client.end();
  });
  upstream.pipe(client);
  client.pipe(upstream);
}
