/** Every client there is at one moment. */
import { type Problem, problem, type Result } from '../../base/index.js';
import { Client } from './client.js';
import type { ClientEntry } from './clientFile.js';
import type { Counting } from './rateLimit.js';
import { DIGEST_WORDS, findToken } from './tokenDigests.js';

interface Listed {
  readonly entry: ClientEntry;
  readonly client: Client;
}

export class ClientList {
  static readonly EMPTY = new ClientList(new Map());

  readonly #clients: ReadonlyMap<string, Listed>;
  /** All digests one after another, and whose each is. */
  readonly #digests: Int32Array;
  readonly #owners: readonly Client[];

  private constructor(clients: ReadonlyMap<string, Listed>) {
    const tokens = [...clients.values()].flatMap(({ entry, client }) =>
      entry.digests.map((digest) => ({ digest, client })),
    );
    this.#clients = clients;
    this.#owners = tokens.map(({ client }) => client);
    this.#digests = new Int32Array(tokens.length * DIGEST_WORDS);
    tokens.forEach(({ digest }, index) => this.#digests.set(digest, index * DIGEST_WORDS));
  }

  /**
   * The list after this one. A client whose file cannot be understood stays as it was in this list, if it was: one
   * mistake locks nobody out, and keeps no other client's token alive.
   *
   * @param files what each file says, by the client's name
   */
  next(
    files: ReadonlyMap<string, Result<ClientEntry>>,
    counting: Counting,
  ): { readonly list: ClientList; readonly problems: readonly Problem[] } {
    const clients = new Map<string, Listed>();
    const problems: Problem[] = [];
    const owners = new Map<string, string>();
    for (const [name, file] of files) {
      const before = this.#clients.get(name);
      if (!file.ok) problems.push(file.error);
      const entry = file.ok ? file.value : before?.entry;
      if (entry === undefined) continue;
      const taken = ownerOfAny(entry, owners);
      if (taken === undefined)
        clients.set(name, { entry, client: Client.from(entry, counting, before?.client) });
      else
        problems.push(problem('InvalidClient', name, `has the same token as ${taken}`, 'give each its own'));
    }
    return { list: new ClientList(clients), problems };
  }

  get size(): number {
    return this.#clients.size;
  }

  byToken(token: string): Client | undefined {
    return this.#owners[findToken(this.#digests, token)];
  }

  byName(name: string): Client | undefined {
    return this.#clients.get(name)?.client;
  }
}

/** Whose one of the entry's tokens is already; notes them as the entry's when they are nobody's. */
function ownerOfAny({ name, digests }: ClientEntry, owners: Map<string, string>): string | undefined {
  const keys = digests.map((digest) => digest.join());
  const taken = keys.map((key) => owners.get(key)).find((owner) => owner !== undefined);
  if (taken === undefined) for (const key of keys) owners.set(key, name);
  return taken;
}
