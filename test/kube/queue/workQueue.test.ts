import { seededRandom } from '../../../src/base/index.js';
import { createMetricsRegistry } from '../../../src/base/metrics/index.js';
import { createWorkQueue } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

function setUp(options: Partial<Parameters<typeof createWorkQueue>[0]> = {}) {
  const clock = new VirtualClock();
  const backoff = { baseMs: 100, capMs: 1_000, factor: 2, jitter: 0 };
  const queue = createWorkQueue({ clock, random: seededRandom(1), name: 'q', backoff, ...options });
  return { clock, queue };
}

describe('the work queue', () => {
  it('hands keys out in the order they came', async () => {
    const { queue } = setUp();
    for (const key of ['b', 'a', 'c']) queue.add(key);
    expect([await queue.next(), await queue.next(), await queue.next()]).toEqual(['b', 'a', 'c']);
  });

  it('keeps a key once, however often it is added', async () => {
    const { queue } = setUp();
    for (let turn = 0; turn < 5; turn++) queue.add('a');
    expect(queue.length).toBe(1);
  });

  it('hands a key that was added while being processed out again, but not before it is done', async () => {
    const { queue } = setUp();
    queue.add('a');
    const key = await queue.next();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done(key ?? '');
    expect([queue.length, await queue.next()]).toEqual([1, 'a']);
  });

  it('wakes a worker that waits', async () => {
    const { clock, queue } = setUp();
    const next = queue.next();
    await clock.settle();
    queue.add('a');
    expect(await next).toBe('a');
  });

  it('lets a waiting worker go when its signal aborts, without losing a key', async () => {
    const { clock, queue } = setUp();
    const stop = new AbortController();
    const first = queue.next(stop.signal);
    const second = queue.next();
    await clock.settle();
    queue.add('a');
    stop.abort();
    const taken = await Promise.race([first.then((key) => key ?? second), second]);
    expect(taken).toBe('a');
  });

  it('keeps the earliest of several delays', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    await clock.advance(199);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('backs off further with each failure, up to a limit, until the key is forgotten', async () => {
    const { clock, queue } = setUp();
    const delays: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      queue.addRateLimited('a');
      delays.push(clock.untilNext ?? 0);
      await clock.advance(1_000);
      queue.done((await queue.next()) ?? '');
    }
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(queue.failures('a')).toBe(6);
    queue.forget('a');
    queue.addRateLimited('a');
    expect(clock.untilNext).toBe(100);
  });

  it('spreads retries of many keys at the rate of all of them together', async () => {
    const { clock, queue } = setUp({ retryRate: { perSecond: 10, burst: 5 } });
    for (let index = 0; index < 25; index++) queue.addRateLimited(`key-${index}`);
    await clock.advance(1_000);
    expect(queue.length).toBe(15);
    await clock.advance(1_000);
    expect(queue.length).toBe(25);
  });

  it('hands out what waits when it shuts down, then nothing, and takes nothing more', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    queue.addAfter('later', 10);
    let drained = false;
    const down = queue.shutDown().then(() => (drained = true));
    queue.add('b');
    const key = await queue.next();
    const nothing = queue.next();
    await clock.advance(1_000);
    expect({ key, drained }).toEqual({ key: 'a', drained: false });
    queue.done('a');
    await down;
    expect([drained, await nothing, clock.pending]).toEqual([true, undefined, 0]);
  });

  it('measures depth, adds, retries, waiting and work', async () => {
    const metrics = createMetricsRegistry();
    const { clock, queue } = setUp({ metrics });
    queue.add('a');
    await clock.advance(2_000);
    await queue.next();
    queue.add('a');
    await clock.advance(3_000);
    queue.addRateLimited('b');
    queue.done('a');
    const text = await metrics.metrics();
    const labels = '{name="q",controller="q"}';
    expect(text).toContain(`workqueue_depth${labels} 1`);
    expect(text).toContain(`workqueue_adds_total${labels} 2`);
    expect(text).toContain(`workqueue_retries_total${labels} 1`);
    expect(text).toContain(`workqueue_queue_duration_seconds_sum${labels} 2`);
    expect(text).toContain(`workqueue_work_duration_seconds_sum${labels} 3`);
  });
});
