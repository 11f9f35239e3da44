import type { Backend } from './backends.js';

/** Clients that are remembered for sessionAffinity: ClientIP. */
const MAX_CLIENTS = 10_000;

export interface Affinity {
  readonly timeoutMs: number;
}

/** Chooses a backend for each connection: the one with the fewest, in turn among equals; a client's own with affinity. */
export class Balancer {
  private backends: readonly Backend[] = [];
  private affinity: Affinity | undefined;
  private readonly connections = new Map<string, number>();
  private readonly clients = new Map<string, { backend: string; until: number }>();
  private turn = 0;

  update(backends: readonly Backend[], affinity: Affinity | undefined): void {
    this.backends = backends;
    this.affinity = affinity;
    if (affinity === undefined) this.clients.clear();
  }

  /** The backends to try, best first. `now` is monotonic milliseconds. */
  order(client: string, now: number): Backend[] {
    const count = this.backends.length;
    if (count === 0) return [];
    this.turn = (this.turn + 1) % count;
    const rotated = [...this.backends.slice(this.turn), ...this.backends.slice(0, this.turn)];
    rotated.sort((a, b) => this.load(a) - this.load(b));
    const own = this.affinity === undefined ? undefined : this.clients.get(client);
    if (own === undefined || own.until <= now) return rotated;
    return rotated.sort((a, b) => Number(keyOf(b) === own.backend) - Number(keyOf(a) === own.backend));
  }

  /** Counts a connection to the backend until the returned function is called. */
  connected(client: string, backend: Backend, now: number): () => void {
    const key = keyOf(backend);
    this.connections.set(key, this.load(backend) + 1);
    if (this.affinity !== undefined) this.remember(client, key, now + this.affinity.timeoutMs);
    return () => {
      const left = this.load(backend) - 1;
      if (left > 0) this.connections.set(key, left);
      else this.connections.delete(key);
    };
  }

  private remember(client: string, backend: string, until: number): void {
    this.clients.delete(client);
    this.clients.set(client, { backend, until });
    const oldest = this.clients.keys().next().value;
    if (this.clients.size > MAX_CLIENTS && oldest !== undefined) this.clients.delete(oldest);
  }

  private load(backend: Backend): number {
    return this.connections.get(keyOf(backend)) ?? 0;
  }
}

function keyOf({ host, port }: Backend): string {
  return `${host}:${port}`;
}
