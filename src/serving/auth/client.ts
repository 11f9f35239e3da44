import type { Clock } from '../../base/index.js';
import type { ClientEntry } from './clientFile.js';
import { isInScope, type ModelScope, modelScope } from './modelScope.js';
import { type RateLimit, TokenBucket } from './tokenBucket.js';

/** Somebody who has shown who they are. */
export class Client {
  readonly name: string;
  readonly #scope: ModelScope | undefined;
  readonly #bucket: TokenBucket | undefined;

  private constructor(name: string, scope: ModelScope | undefined, bucket: TokenBucket | undefined) {
    this.name = name;
    this.#scope = scope;
    this.#bucket = bucket;
  }

  /** One with every model and no limit: whom the certificate authority alone vouches for. */
  static unrestricted(name: string): Client {
    return new Client(name, undefined, undefined);
  }

  /** `before` is the same client as it was; it keeps what is left of its limit when that has not changed. */
  static from({ name, models, limit }: ClientEntry, clock: Clock, before?: Client): Client {
    const scope = models === undefined ? undefined : modelScope(models);
    const bucketBefore = before === undefined ? undefined : before.#bucket;
    return new Client(name, scope, limit === undefined ? undefined : bucketOf(limit, clock, bucketBefore));
  }

  mayUse(model: string): boolean {
    return this.#scope === undefined || isInScope(this.#scope, model);
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
