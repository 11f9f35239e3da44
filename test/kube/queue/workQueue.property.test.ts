import fc from 'fast-check';
import { seededRandom, sleep } from '../../../src/base/index.js';
import { createWorkQueue } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

const key = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.record({
  key,
  how: fc.constantFrom('add', 'after', 'limited'),
  delayMs: fc.integer({ min: 0, max: 300 }),
  thenMs: fc.integer({ min: 0, max: 100 }),
});

describe('the work queue, under any mix of adds and workers', () => {
  it('never gives a key to two workers, and processes every add after it was made', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        async (steps, workers, seed) => {
          const clock = new VirtualClock();
          const random = seededRandom(seed);
          const queue = createWorkQueue({ clock, random, name: 'q' });
          const busy = new Set<string>();
          const lastAdd = new Map<string, number>();
          const lastStart = new Map<string, number>();
          let order = 0;
          const stop = new AbortController();
          const work = async () => {
            for (
              let got = await queue.next(stop.signal);
              got !== undefined;
              got = await queue.next(stop.signal)
            ) {
              expect(busy.has(got)).toBe(false);
              busy.add(got);
              lastStart.set(got, ++order);
              await sleep(clock, random.next() * 200);
              busy.delete(got);
              if (random.next() < 0.2) queue.addRateLimited(got);
              else queue.forget(got);
              queue.done(got);
            }
          };
          const running = Promise.all(Array.from({ length: workers }, work));
          for (const { key: added, how, delayMs, thenMs } of steps) {
            lastAdd.set(added, ++order);
            if (how === 'add') queue.add(added);
            else if (how === 'after') queue.addAfter(added, delayMs);
            else queue.addRateLimited(added);
            await clock.advance(thenMs);
          }
          await clock.advance(600_000);
          for (const [added, at] of lastAdd) expect(lastStart.get(added)).toBeGreaterThan(at);
          expect({ waiting: queue.length, busy: busy.size }).toEqual({ waiting: 0, busy: 0 });
          stop.abort();
          await running;
        },
      ),
      { numRuns: 100 },
    );
  });
});
