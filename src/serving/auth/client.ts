import type { Clock } from '../../base/index.js';
import type { ClientEntry, Right } from './clientFile.js';
import { isInScope, type ModelScope, modelScope } from './modelScope.js';
import { type RateLimit, TokenBucket } from './tokenBucket.js';

/** Somebody who has shown who they are. */
export class Client {
  readonly name: string;
  readonly #scope: ModelScope | undefined;
  readonly #bucket: TokenBucket | undefined;
  readonly #rights: readonly Right[];

  private constructor(
    { name, rights }: Pick<ClientEntry, 'name' | 'rights'>,
    scope: ModelScope | undefined,
    bucket: TokenBucket | undefined,
  ) {
    this.name = name;
    this.#scope = scope;
    this.#bucket = bucket;
    this.#rights = rights;
  }

  /** One with every model, no limit and no right that has to be given: whom the certificate authority alone vouches for. */
  static unrestricted(name: string): Client {
    return new Client({ name, rights: [] }, undefined, undefined);
  }

  /** `before` is the same client as it was; it keeps what is left of its limit when that has not changed. */
  static from(entry: ClientEntry, clock: Clock, before?: Client): Client {
    const { models, limit } = entry;
    const scope = models === undefined ? undefined : modelScope(models);
    const bucketBefore = before === undefined ? undefined : before.#bucket;
    return new Client(entry, scope, limit === undefined ? undefined : bucketOf(limit, clock, bucketBefore));
  }

  mayUse(model: string): boolean {
    return this.#scope === undefined || isInScope(this.#scope, model);
  }

  has(right: Right): boolean {
    return this.#rights.includes(right);
  }

  /** Counts a request against the limit: 0 when there is room for it, else the seconds until there is. */
  takeTurn(): number {
    return this.#bucket === undefined ? 0 : this.#bucket.take();
  }
}

function bucketOf(limit: RateLimit, clock: Clock, before: TokenBucket | undefined): TokenBucket {
  const same = before?.limit.ratePerSecond === limit.ratePerSecond && before.limit.burst === limit.burst;
  return same ? before : new TokenBucket(limit, clock);
}
