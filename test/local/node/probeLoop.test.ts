import { describe, expect, it } from '@jest/globals';
import { runProbeLoop } from '../../../src/local/node/probe/probeLoop.js';
import type { Probe } from '../../../src/local/objects/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

/** Runs a probe whose answers follow `answer(ms since the start)`; what it told, with the time. */
async function history(
  probe: Probe,
  options: { eager: boolean; forMs: number; answer: (ms: number) => boolean },
): Promise<string[]> {
  const clock = new VirtualClock();
  const told: string[] = [];
  const stop = new AbortController();
  const tell = (what: string) => told.push(`${clock.monotonic()} ${what}`);
  const running = runProbeLoop(
    {
      probe,
      clock,
      eager: options.eager,
      run: () => Promise.resolve({ ok: options.answer(clock.monotonic()), message: 'no' }),
      onSuccess: () => tell('success'),
      onFailure: (_message, final) => tell(final ? 'final failure' : 'failure'),
    },
    stop.signal,
  );
  await clock.advance(options.forMs);
  stop.abort();
  await clock.settle();
  await running;
  return told;
}

describe('a probe', () => {
  it('waits for its delay, then for its period, and counts failures in a row', async () => {
    const probe = { initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 2 };
    const told = await history(probe, { eager: false, forMs: 30_000, answer: (ms) => ms < 10_000 });
    expect(told).toEqual(['5000 success', '15000 failure', '25000 final failure']);
  });

  it('needs as many successes in a row as it says', async () => {
    const probe = { periodSeconds: 1, successThreshold: 3 };
    const told = await history(probe, { eager: false, forMs: 4000, answer: (ms) => ms !== 1000 });
    expect(told).toEqual(['1000 failure', '4000 success']);
  });

  it('finds an early success before the first period is over', async () => {
    const told = await history(
      { periodSeconds: 10 },
      { eager: true, forMs: 9000, answer: (ms) => ms >= 300 },
    );
    expect(told).toEqual(['350 success']);
  });

  it('does not count early failures: the threshold lasts as long as without them', async () => {
    const probe = { periodSeconds: 1, failureThreshold: 3 };
    const told = await history(probe, { eager: true, forMs: 4500, answer: () => false });
    const final = told.find((line) => line.endsWith('final failure'));
    expect(Number(final?.split(' ')[0])).toBeGreaterThanOrEqual(3000);
  });
});
