import type { Random } from './random.js';

export interface BackoffPolicy {
  /** Delay after the first failure, in milliseconds. */
  readonly baseMs: number;
  /** Upper bound of a delay before jitter, in milliseconds. */
  readonly capMs: number;
  /** Multiplier for each further failure. */
  readonly factor: number;
  /** Share of the delay that is random: 0 none, 1 "full jitter" (AWS Architecture Blog, 2015). */
  readonly jitter: number;
}

/** The delay in milliseconds after `failures` (1, 2, …) failures in a row. */
export function backoffDelay(policy: BackoffPolicy, failures: number, random: Random): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 64);
  const ceiling = Math.min(policy.capMs, policy.baseMs * policy.factor ** exponent);
  return ceiling * (1 - policy.jitter) + ceiling * policy.jitter * random.next();
}
