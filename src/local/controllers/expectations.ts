import type { Clock } from '../../base/index.js';

/** As in Kubernetes: what has not been seen after this long will not be waited for. */
const TIMEOUT_MS = 5 * 60_000;

/**
 * What a controller did and has not seen yet in its informer. While something is outstanding it must not decide again:
 * its store is older than its own writes, and it would make the same pods twice.
 */
export class Expectations {
  private readonly clock: Clock;
  private readonly outstanding = new Map<string, Map<string, number>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** `token` names one change of one object, such as `created/UID`. */
  expect(key: string, token: string): void {
    const tokens = this.outstanding.get(key) ?? new Map<string, number>();
    tokens.set(token, this.clock.monotonic() + TIMEOUT_MS);
    this.outstanding.set(key, tokens);
  }

  observe(key: string, token: string): void {
    const tokens = this.outstanding.get(key);
    tokens?.delete(token);
    if (tokens?.size === 0) this.outstanding.delete(key);
  }

  isSatisfied(key: string): boolean {
    const now = this.clock.monotonic();
    for (const [token, deadline] of this.outstanding.get(key) ?? []) {
      if (deadline <= now) this.observe(key, token);
    }
    return !this.outstanding.has(key);
  }

  forget(key: string): void {
    this.outstanding.delete(key);
  }
}
