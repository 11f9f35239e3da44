import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TokenBucket } from '../../../src/serving/auth/tokenBucket.js';
import { VirtualClock } from '../../support/virtualClock.js';

const limits = fc.record({
  ratePerSecond: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 50 }),
});
/** Milliseconds before each attempt. */
const waits = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5_000, noNaN: true })), {
  minLength: 1,
  maxLength: 60,
});

class SteppedClock extends VirtualClock {
  #now = 0;

  override monotonic(): number {
    return this.#now;
  }

  step(ms: number): void {
    this.#now += ms;
  }
}

describe('the limit of a client', () => {
  test('lets through the burst and the rate in any stretch of time, and never more', () => {
    fc.assert(
      fc.property(limits, waits, (limit, pauses) => {
        const clock = new SteppedClock();
        const bucket = new TokenBucket(limit, clock);
        const admitted: number[] = [];
        for (const pause of pauses) {
          clock.step(pause);
          if (bucket.take() === 0) admitted.push(clock.monotonic());
        }
        for (const [from, start] of admitted.entries()) {
          for (const [offset, end] of admitted.slice(from).entries()) {
            const most = limit.burst + ((end - start) / 1000) * limit.ratePerSecond;
            assert.ok(offset + 1 <= most + 1e-6, `${offset + 1} where ${most} may pass`);
          }
        }
      }),
    );
  });

  test('has room again after the seconds it told, and not much before', () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const clock = new SteppedClock();
        const bucket = new TokenBucket(limit, clock);
        for (let taken = 0; taken < limit.burst; taken++) assert.equal(bucket.take(), 0);
        const seconds = bucket.take();
        expect(seconds).toBeGreaterThan(0);
        clock.step(seconds * 1000 * 0.9);
        expect(bucket.take()).toBeGreaterThan(0);
        clock.step(seconds * 1000 * 0.1001);
        expect(bucket.take()).toBe(0);
      }),
    );
  });
});
