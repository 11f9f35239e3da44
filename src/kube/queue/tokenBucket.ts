import type { Clock } from '../../base/index.js';

export interface TokenBucketOptions {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens that can be saved up. */
  readonly burst: number;
}

export interface TokenBucket {
  /** Takes a token from the future, if need be; how many milliseconds until it is there. */
  reserveMs(): number;
  /** Takes a token only if one is there. */
  tryTake(): boolean;
}

export function createTokenBucket(clock: Clock, { perSecond, burst }: TokenBucketOptions): TokenBucket {
  let tokens = burst;
  let filledAt = clock.monotonic();
  const refill = () => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
  };
  return {
    reserveMs() {
      refill();
      tokens -= 1;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
    },
    tryTake() {
      refill();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
