import { seededRandom, silentLogger, sleep } from '../../../src/base/index.js';
import { createMetricsRegistry } from '../../../src/base/metrics/index.js';
import { ApiError, type Controller, createController, TerminalError } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

type Options = Parameters<typeof createController>[0];

function setUp(reconcile: Options['reconcile'], options: Partial<Options> = {}) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const metrics = createMetricsRegistry();
  const controller: Controller = createController({
    name: 'things',
    workers: 2,
    reconcile,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    metrics,
    ...options,
  });
  const running = controller.run(stop.signal);
  return { clock, stop, metrics, controller, running };
}

describe('a controller', () => {
  it('runs different keys at once and one key never twice', async () => {
    const active: string[] = [];
    const seen: string[][] = [];
    const { clock, controller } = setUp(async (key) => {
      active.push(key);
      seen.push([...active].sort());
      await sleep(clock, 100);
      active.splice(active.indexOf(key), 1);
    });
    controller.enqueue('a');
    controller.enqueue('b');
    controller.enqueue('c');
    await clock.settle();
    controller.enqueue('a');
    await clock.advance(1_000);
    expect(seen).toEqual([['a'], ['a', 'b'], ['b', 'c'], expect.arrayContaining(['a'])]);
  });

  it('looks again after the time a reconciliation asks for', async () => {
    const times: number[] = [];
    const { clock, controller } = setUp(async () => {
      times.push(clock.monotonic());
      return { requeueAfterMs: 30_000 };
    });
    controller.enqueue('a');
    await clock.advance(60_000);
    expect(times).toEqual([0, 30_000, 60_000]);
  });

  it('tries a failure again, later each time, and starts anew after a success', async () => {
    let failures = 5;
    const times: number[] = [];
    const { clock, controller } = setUp(async () => {
      times.push(clock.monotonic());
      if (failures-- > 0) throw new Error('not yet');
    });
    controller.enqueue('a');
    await clock.advance(10_000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps).toHaveLength(5);
    expect([...gaps].sort((a, b) => a - b)).toEqual(gaps);
    expect(gaps.at(-1)).toBeLessThanOrEqual(80);
  });

  it('waits as long as the server asks', async () => {
    const times: number[] = [];
    const { clock, controller } = setUp(async () => {
      times.push(clock.monotonic());
      const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 429 } as const;
      if (times.length === 1) throw new ApiError(body, 12_000);
    });
    controller.enqueue('a');
    await clock.advance(20_000);
    expect(times).toEqual([0, 12_000]);
  });

  it('backs off even when the server asks to be asked again at once', async () => {
    let runs = 0;
    const { clock, controller } = setUp(async () => {
      runs += 1;
      throw new ApiError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 503 }, 0);
    });
    controller.enqueue('a');
    await clock.advance(1_000);
    expect(runs).toBeLessThan(12);
  });

  it('leaves no timer behind when it stops', async () => {
    const { clock, controller, stop, running } = setUp(async () => ({ requeueAfterMs: 30_000 }));
    controller.enqueue('a');
    controller.enqueueAfter('b', 60_000);
    await clock.settle();
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('does not repeat a terminal error until the key is added again', async () => {
    let runs = 0;
    const { clock, controller, metrics } = setUp(async () => {
      runs += 1;
      throw new TerminalError('nonsense');
    });
    controller.enqueue('a');
    await clock.advance(3_600_000);
    expect(runs).toBe(1);
    controller.enqueue('a');
    await clock.settle();
    expect(runs).toBe(2);
    expect(await metrics.metrics()).toContain(
      'controller_runtime_terminal_reconcile_errors_total{controller="things"} 2',
    );
  });

  const nothing = undefined as unknown as { field: Promise<void> };

  it.each([
    ['a bug before the first await', () => nothing.field],
    ['a bug after the first await', async () => nothing.field],
  ])('survives %s, and goes on with other keys', async (_what, broken) => {
    const done: string[] = [];
    const { clock, controller, metrics } = setUp((key) => {
      if (key === 'bad') return broken();
      done.push(key);
      return Promise.resolve();
    });
    controller.enqueue('bad');
    controller.enqueue('good');
    await clock.advance(4);
    expect(done).toEqual(['good']);
    expect(await metrics.metrics()).toContain(
      'controller_runtime_reconcile_panics_total{controller="things"} 1',
    );
  });

  it('aborts a reconciliation that takes too long, and tries it again', async () => {
    let runs = 0;
    const { clock, controller } = setUp(
      async (_key, { signal }) => {
        runs += 1;
        await sleep(clock, 1_000_000, signal);
        signal.throwIfAborted();
      },
      { reconcileTimeoutMs: 5_000 },
    );
    controller.enqueue('a');
    await clock.advance(5_100);
    expect(runs).toBe(2);
  });

  it('stops when told to: tells those under way, waits for them and starts no other', async () => {
    const started: string[] = [];
    const ended: string[] = [];
    const { clock, controller, stop, running } = setUp(
      async (key, { signal }) => {
        started.push(key);
        await sleep(clock, 60_000, signal);
        await sleep(clock, 100);
        ended.push(key);
      },
      { workers: 1 },
    );
    controller.enqueue('a');
    controller.enqueue('b');
    await clock.settle();
    stop.abort();
    await clock.advance(100);
    await running;
    expect({ started, ended, timers: clock.pending }).toEqual({ started: ['a'], ended: ['a'], timers: 0 });
  });

  it('counts results and times under controller-runtime\u2019s names', async () => {
    const { clock, controller, metrics } = setUp(() => sleep(clock, 2_000).then(() => undefined));
    controller.enqueue('a');
    await clock.settle();
    expect(await metrics.metrics()).toContain('controller_runtime_active_workers{controller="things"} 1');
    await clock.advance(2_000);
    const text = await metrics.metrics();
    expect(text).toContain('controller_runtime_active_workers{controller="things"} 0');
    expect(text).toContain('controller_runtime_max_concurrent_reconciles{controller="things"} 2');
    expect(text).toContain('controller_runtime_reconcile_total{controller="things",result="success"} 1');
    expect(text).toContain('controller_runtime_reconcile_time_seconds_sum{controller="things"} 2');
  });
});
