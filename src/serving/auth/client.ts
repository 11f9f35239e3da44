import type { ClientEntry, Right } from './clientFile.js';
import { isInScope, type ModelScope, modelScope } from './modelScope.js';
import { LeasedAllowance } from './leasedAllowance.js';
import type { Allowance, Counting, Lease, LeaseRequest, RateLimit } from './rateLimit.js';
import { TokenBucket } from './tokenBucket.js';

/** Somebody who has shown who they are. */
export class Client {
  readonly name: string;
  readonly #scope: ModelScope | undefined;
  readonly #allowance: Allowance | undefined;
  readonly #rights: readonly Right[];

  private constructor(
    { name, rights }: Pick<ClientEntry, 'name' | 'rights'>,
    scope: ModelScope | undefined,
    allowance: Allowance | undefined,
  ) {
    this.name = name;
    this.#scope = scope;
    this.#allowance = allowance;
    this.#rights = rights;
  }

  /** One with every model, no limit and no right that has to be given: whom the certificate authority alone vouches for. */
  static unrestricted(name: string): Client {
    return new Client({ name, rights: [] }, undefined, undefined);
  }

  /** `before` is the same client as it was; it keeps what is left of its limit when that has not changed. */
  static from(entry: ClientEntry, counting: Counting, before?: Client): Client {
    const { models, limit } = entry;
    const scope = models === undefined ? undefined : modelScope(models);
    if (limit === undefined) return new Client(entry, scope, undefined);
    const kept = before === undefined ? undefined : before.#allowance;
    const allowance =
      kept !== undefined && isSame(kept.limit, limit) ? kept : allowanceOf(entry.name, limit, counting);
    return new Client(entry, scope, allowance);
  }

  mayUse(model: string): boolean {
    return this.#scope === undefined || isInScope(this.#scope, model);
  }

  has(right: Right): boolean {
    return this.#rights.includes(right);
  }

  /** Whether `takeTurn` would answer at once. */
  get isTurnDecided(): boolean {
    return this.#allowance === undefined || this.#allowance.isDecided;
  }

  /** Counts a request against the limit: 0 when there is room for it, else the seconds until there is. */
  takeTurn(): number | Promise<number> {
    return this.#allowance === undefined ? 0 : this.#allowance.take();
  }

  /** Lends another process requests of this client. */
  lend(request: LeaseRequest): Lease {
    if (this.#allowance instanceof TokenBucket) return this.#allowance.lend(request);
    return { granted: request.wanted, kept: request.held, seconds: 0 };
  }
}

function isSame(a: RateLimit, b: RateLimit): boolean {
  return a.ratePerSecond === b.ratePerSecond && a.burst === b.burst;
}

function allowanceOf(client: string, limit: RateLimit, { clock, borrowing }: Counting): Allowance {
  return borrowing === undefined
    ? new TokenBucket(limit, clock)
    : new LeasedAllowance({ client, limit, clock, ...borrowing });
}
