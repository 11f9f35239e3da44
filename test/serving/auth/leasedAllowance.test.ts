import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LeasedAllowance } from '../../../src/serving/auth/leasedAllowance.js';
import type { Lease, LeaseRequest, RateLimit } from '../../../src/serving/auth/rateLimit.js';
import { TokenBucket } from '../../../src/serving/auth/tokenBucket.js';
import { VirtualClock } from '../../support/virtualClock.js';

/** A pod: one process that counts, and others that borrow from it over a line of some latency. */
function podOf(limit: RateLimit, processes: number, latencyMs: number) {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(limit, clock);
  const asked: LeaseRequest[] = [];
  let isDeaf = false;
  const lender = (request: LeaseRequest) =>
    new Promise<Lease | undefined>((resolve) => {
      asked.push(request);
      clock.schedule(latencyMs, () => {
        if (isDeaf) resolve(undefined);
        else {
          const lease = bucket.lend(request);
          clock.schedule(latencyMs, () => resolve(lease));
        }
      });
    });
  const others = Array.from({ length: processes - 1 }, (_, i) => {
    return new LeasedAllowance({ client: 'c', limit, clock, lender, borrower: i + 1, processes });
  });
  return { clock, bucket, others, all: [bucket, ...others], asked, deafen: () => (isDeaf = true) };
}

const limits = fc.record({
  ratePerSecond: fc.double({ min: 0.5, max: 400, noNaN: true }),
  burst: fc.integer({ min: 1, max: 200 }),
});
/** Which process is asked how often, and how many milliseconds after the ones before. */
const attempts = fc.array(
  fc.record({
    process: fc.nat(7),
    times: fc.integer({ min: 1, max: 40 }),
    pause: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 200, max: 1_500 })),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('the limit of a client in a pod of several processes', () => {
  test('lets through the burst and the rate in any stretch of time, whichever processes are asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        limits,
        attempts,
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 0, max: 30 }),
        async (...given) => {
          const [limit, asks, processes, latencyMs] = given;
          const { clock, all } = podOf(limit, processes, latencyMs);
          const admitted: number[] = [];
          for (const { process, times, pause } of asks) {
            if (pause > 0) await clock.advance(pause);
            for (let i = 0; i < times; i++) {
              const turn = all[process % processes]?.take();
              if (turn === 0) admitted.push(clock.monotonic());
              else if (turn instanceof Promise)
                void turn.then((seconds) => seconds === 0 && admitted.push(clock.monotonic()));
            }
          }
          await clock.advance(5_000);
          admitted.sort((a, b) => a - b);
          for (const [from, start] of admitted.entries()) {
            for (const [offset, end] of admitted.slice(from).entries()) {
              // What is lent passes a message's way later than it was counted.
              const most = limit.burst + ((end - start + latencyMs) / 1000) * limit.ratePerSecond;
              assert.ok(offset + 1 <= most + 1e-6, `${offset + 1} where ${most} may pass`);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([2, 4, 8])(
    'is all there for a client that reaches one of %i processes alone',
    async (processes) => {
      const limit = { ratePerSecond: 100, burst: 200 };
      const { clock, others, asked } = podOf(limit, processes, 1);
      const [one] = others;
      let admitted = 0;
      const seconds = 10;
      for (let ms = 0; ms < seconds * 1000; ms++) {
        await clock.advance(1);
        const turn = one?.take();
        if (turn === 0) admitted++;
        else if (turn instanceof Promise) void turn.then((wait) => wait === 0 && admitted++);
      }
      await clock.advance(100);
      const most = limit.burst + limit.ratePerSecond * seconds;
      expect(admitted).toBeLessThanOrEqual(most + 1);
      expect(admitted).toBeGreaterThan(most * 0.97);
      // Ten thousand requests were made.
      expect(asked.length).toBeLessThan(2_500);
    },
  );

  test('is used up by the processes together, and they ask once for many requests', async () => {
    const { clock, others, asked } = podOf({ ratePerSecond: 1_000, burst: 4_000 }, 4, 1);
    let admitted = 0;
    for (let round = 0; round < 100; round++) {
      await clock.advance(10);
      for (const other of others)
        for (let i = 0; i < 3; i++) {
          const turn = other.take();
          if (turn === 0) admitted++;
          else void (turn as Promise<number>).then((wait) => wait === 0 && admitted++);
        }
    }
    await clock.advance(10);
    expect(admitted).toBe(900);
    expect(asked.length).toBeLessThan(60);
  });

  test('comes back from a process that does not use it', async () => {
    const { clock, bucket, others } = podOf({ ratePerSecond: 1, burst: 40 }, 2, 1);
    const turn = others[0]?.take();
    await clock.advance(10);
    expect(await turn).toBe(0);
    await clock.advance(2_000);
    let left = 0;
    while (bucket.take() === 0) left++;
    expect(left).toBe(40);
  });

  test('comes back from a process that died with it', async () => {
    const { clock, bucket } = podOf({ ratePerSecond: 100, burst: 100 }, 2, 1);
    bucket.lend({ borrower: 7, held: 0, wanted: 60, waiting: 0 });
    await clock.advance(500);
    let during = 0;
    while (bucket.take() === 0) during++;
    expect(during).toBe(40);
    await clock.advance(2_000);
    let after = 0;
    while (bucket.take() === 0) after++;
    expect(after).toBe(100);
  });

  test('is nothing where the process that counts does not answer', async () => {
    const { clock, others, deafen } = podOf({ ratePerSecond: 100, burst: 100 }, 2, 1);
    deafen();
    const turns = Array.from({ length: 5 }, () => others[0]?.take());
    await clock.advance(10);
    expect(await Promise.all(turns.map(async (turn) => turn))).toEqual([1, 1, 1, 1, 1]);
    expect(others[0]?.take()).toBeGreaterThan(0);
  });

  test('keeps no more than so many waiting', async () => {
    const { others } = podOf({ ratePerSecond: 100, burst: 100 }, 2, 1);
    const turns = Array.from({ length: 2_000 }, () => others[0]?.take());
    expect(turns.filter((turn) => turn instanceof Promise)).toHaveLength(1_024);
    expect(turns.at(-1)).toBe(1);
  });
});
