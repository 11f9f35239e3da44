import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeavingTogether } from '../../src/base/logLines.js';
import { VirtualClock } from '../support/virtualClock.js';

function setUp() {
  const clock = new VirtualClock();
  const written: string[] = [];
  const writes: number[] = [];
  const lines = {
    write(line: string) {
      written.push(line);
      writes.push(clock.monotonic());
    },
  };
  return { clock, written, writes, log: new LeavingTogether(lines, clock) };
}

describe('lines of a log', () => {
  it('leave at once while they are few', async () => {
    const { clock, log, written } = setUp();
    for (let i = 0; i < 20; i++) {
      log.write(`${i}`);
      expect(written).toHaveLength(i + 1);
      await clock.advance(100);
    }
  });

  it('leave together when they come in a burst, a quarter of a second late at most', async () => {
    const { clock, log, written, writes } = setUp();
    for (let i = 0; i < 100; i++) log.write(`${i}`);
    expect(written).toHaveLength(8);
    await clock.advance(250);
    expect(written).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(new Set(writes)).toEqual(new Set([0, 250]));
  });

  it('are never lost, mixed up or held without a bound, whenever they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ lines: fc.integer({ min: 1, max: 400 }), pauseMs: fc.nat(300) }), {
          maxLength: 8,
        }),
        async (bursts) => {
          const { clock, log, written } = setUp();
          let said = 0;
          for (const { lines, pauseMs } of bursts) {
            for (let i = 0; i < lines; i++) {
              log.write(`${said++}`);
              expect(said - written.length).toBeLessThan(256);
            }
            await clock.advance(pauseMs);
          }
          log.leave();
          expect(written).toEqual(Array.from({ length: said }, (_, i) => `${i}`));
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });
});
