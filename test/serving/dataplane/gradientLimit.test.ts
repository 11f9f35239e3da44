import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GradientLimit, type GradientLimitOptions } from '../../../src/serving/dataplane/gradientLimit.js';

const SEED = { seed: 20261123 };

interface Load {
  readonly clients: number;
  /** Duration of a run that holds so many requests. */
  readonly runMs: (requests: number) => number;
  /** Requests of one run at most. */
  readonly maxBatch: number;
  readonly runs: number;
}

/** Clients that ask again as soon as they are answered or refused, at a model with one lane. Answers the last latency. */
function overload(limit: GradientLimit, { clients, runMs, maxBatch, runs }: Load): number {
  let now = 0;
  let latencyMs = 0;
  let line: number[] = [];
  for (let run = 0; run < runs; run++) {
    while (line.length < Math.min(clients, limit.current)) line.push(now);
    const batch = line.slice(0, maxBatch);
    line = line.slice(maxBatch);
    const ms = runMs(batch.length);
    // While it runs, the room that is left fills up.
    while (line.length + batch.length < Math.min(clients, limit.current)) line.push(now + ms / 2);
    now += ms;
    latencyMs = now - (batch[0] ?? now);
    const aloneMs = batch.length === 1 ? ms : undefined;
    limit.observe({ latencyMs, aloneMs, inFlight: line.length + batch.length });
  }
  return latencyMs;
}

const OPTIONS: GradientLimitOptions = { lanes: 1, max: 1_024, patienceMs: 0, runMs: 40 };

describe('the limit by gradient', () => {
  it('stays within its bounds, whatever is observed', () => {
    const options = fc.record({
      lanes: fc.integer({ min: 1, max: 64 }),
      max: fc.integer({ min: 1, max: 2_000 }),
      patienceMs: fc.integer({ min: 0, max: 1_000 }),
      runMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    });
    const sample = fc.record({
      latencyMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      aloneMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
      inFlight: fc.integer({ min: 0, max: 5_000 }),
    });
    fc.assert(
      fc.property(options, fc.array(sample, { maxLength: 300 }), (bounds, samples) => {
        const limit = new GradientLimit(bounds);
        for (const each of samples) {
          limit.observe(each);
          expect(limit.current).toBeGreaterThanOrEqual(Math.min(2 * bounds.lanes, bounds.max));
          expect(limit.current).toBeLessThanOrEqual(bounds.max);
        }
      }),
      SEED,
    );
  });

  it('keeps the wait of a model that serves one at a time to a few runs, however many clients push and for however long', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 2_000 }),
        fc.integer({ min: 5, max: 500 }),
        fc.integer({ min: 200, max: 2_000 }),
        (clients, ms, runs) => {
          const limit = new GradientLimit({ ...OPTIONS, runMs: ms });
          const latency = overload(limit, { clients, runMs: () => ms, maxBatch: 1, runs });
          expect(latency).toBeLessThanOrEqual(6 * ms);
        },
      ),
      { ...SEED, numRuns: 30 },
    );
  });

  it('does the same where a batch takes as long as its requests one by one', () => {
    const limit = new GradientLimit(OPTIONS);
    const latency = overload(limit, { clients: 500, runMs: (n) => 40 * n, maxBatch: 64, runs: 1_000 });
    expect(latency).toBeLessThanOrEqual(8 * 40);
  });

  it('lets everybody in where one run carries them all', () => {
    const limit = new GradientLimit(OPTIONS);
    overload(limit, { clients: 200, runMs: (n) => 40 + n * 0.05, maxBatch: 256, runs: 1_000 });
    expect(limit.current).toBeGreaterThanOrEqual(200);
  });

  it('lets wait what is through within the patience, and always two for each lane', () => {
    const quick = new GradientLimit({ ...OPTIONS, runMs: 1, patienceMs: 500 });
    overload(quick, { clients: 2_000, runMs: () => 1, maxBatch: 1, runs: 500 });
    expect(quick.current).toBeGreaterThanOrEqual(500);
    const slow = new GradientLimit({ ...OPTIONS, lanes: 4, runMs: 3_000, patienceMs: 500 });
    for (let run = 0; run < 100; run++) slow.observe({ latencyMs: 60_000, aloneMs: 3_000, inFlight: 100 });
    expect(slow.current).toBeGreaterThanOrEqual(8);
    expect(slow.current).toBeLessThanOrEqual(16);
  });

  it('learns nothing from clients who do not use what they have', () => {
    const limit = new GradientLimit({ ...OPTIONS, patienceMs: 2_000 });
    const before = limit.current;
    for (let i = 0; i < 1_000; i++) limit.observe({ latencyMs: 40, aloneMs: 40, inFlight: 1 });
    expect(limit.current).toBe(before);
  });

  it('takes a model that became slower for what it is', () => {
    const limit = new GradientLimit(OPTIONS);
    overload(limit, { clients: 100, runMs: () => 40, maxBatch: 1, runs: 300 });
    const before = limit.current;
    overload(limit, { clients: 100, runMs: () => 400, maxBatch: 1, runs: 600 });
    expect(Math.abs(limit.current - before)).toBeLessThanOrEqual(2);
  });
});
