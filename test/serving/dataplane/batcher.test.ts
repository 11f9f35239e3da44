import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { problem, ProblemError } from '../../../src/base/index.js';
import { Batcher, type BatcherOptions } from '../../../src/serving/dataplane/batcher.js';
import { GradientLimit } from '../../../src/serving/dataplane/gradientLimit.js';
import { CACHE_AS_CONFIGURED, ModelStatistics } from '../../../src/serving/dataplane/index.js';
import type { InferenceRequest, Tensor } from '../../../src/serving/protocol/index.js';
import type { LoadedModel } from '../../../src/serving/runtime/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

const FEATURES = 2;

function request(
  rows: readonly (readonly number[])[],
  outputs: readonly string[] = [],
  parameters: InferenceRequest['parameters'] = {},
): InferenceRequest {
  const data = Float32Array.from(rows.flat());
  return {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [rows.length, FEATURES], data }],
    outputs: outputs.map((name) => ({ name, binary: false })),
    binaryOutputs: false,
    parameters,
  };
}

interface ModelUnderTest extends LoadedModel {
  /** Rows of each run. */
  readonly runs: number[];
  /** Lets the oldest run that is held go on. */
  release1(): void;
}

/** sum = the row's sum, first = its first feature. Refuses a batch with a negative feature in it. */
function sums(options: { lanes?: number; hold?: boolean } = {}): ModelUnderTest {
  const held: (() => void)[] = [];
  const runs: number[] = [];
  const row = { datatype: 'FP32', shape: [-1] } as const;
  return {
    runs,
    release1: () => held.shift()?.(),
    lanes: options.lanes ?? 1,
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, FEATURES] }],
      outputs: [
        { name: 'sum', ...row },
        { name: 'first', ...row },
      ],
    },
    async run(inputs, outputs) {
      const [x] = inputs;
      const data = (x?.data as Float32Array).slice();
      const rows = x?.shape[0] ?? 0;
      runs.push(rows);
      if (options.hold === true) await new Promise<void>((resolve) => held.push(resolve));
      if (data.some((value) => value < 0)) throw new ProblemError(problem('InvalidArgument', '', 'negative'));
      const column = (name: string, of: (row: Float32Array) => number): Tensor => ({
        name,
        datatype: 'FP32',
        shape: [rows],
        data: Float32Array.from({ length: rows }, (_, i) =>
          of(data.subarray(i * FEATURES, (i + 1) * FEATURES)),
        ),
      });
      const all = [column('sum', (r) => (r[0] ?? 0) + (r[1] ?? 0)), column('first', (r) => r[0] ?? 0)];
      return outputs.length === 0 ? all : outputs.flatMap((name) => all.filter((o) => o.name === name));
    },
    async release() {},
  };
}

type Limits = Pick<BatcherOptions, 'maxRows' | 'maxQueue' | 'limit'>;

function setUp(model: LoadedModel, limits: Partial<Limits> = {}) {
  const clock = new VirtualClock();
  const batcher = new Batcher({
    model,
    maxRows: limits.maxRows ?? 32,
    maxQueue: limits.maxQueue ?? 1000,
    ...(limits.limit === undefined ? {} : { limit: limits.limit }),
    clock,
    statistics: new ModelStatistics(),
    defer: setImmediate,
  });
  const ask = (r: InferenceRequest, deadline = 1_000) =>
    batcher.predict(r, { deadline, cache: CACHE_AS_CONFIGURED });
  return { clock, batcher, ask };
}

async function values(answer: ReturnType<Batcher['predict']>): Promise<unknown> {
  const result = await answer;
  if (!result.ok) return result.error.code;
  return result.value.outputs.map((o) => [o.name, o.shape, [...(o.data as Float32Array)]]);
}

describe('the batcher', () => {
  it('runs what arrives in one turn as one batch, and gives each caller its rows', async () => {
    const model = sums();
    const { ask } = setUp(model);
    const answers = [
      ask(request([[1, 2]])),
      ask(
        request([
          [3, 4],
          [5, 6],
        ]),
      ),
      ask(request([[7, 8]])),
    ].map(values);
    expect(await Promise.all(answers)).toEqual([
      [
        ['sum', [1], [3]],
        ['first', [1], [1]],
      ],
      [
        ['sum', [2], [7, 11]],
        ['first', [2], [3, 5]],
      ],
      [
        ['sum', [1], [15]],
        ['first', [1], [7]],
      ],
    ]);
    expect(model.runs).toEqual([4]);
  });

  it('gives each caller the outputs it asked for, in its order, whatever the others ask', async () => {
    const { ask } = setUp(sums());
    const answers = [['first'], [], ['first', 'sum']].map((outputs) =>
      values(ask(request([[1, 2]], outputs))),
    );
    expect(await Promise.all(answers)).toEqual([
      [['first', [1], [1]]],
      [
        ['sum', [1], [3]],
        ['first', [1], [1]],
      ],
      [
        ['first', [1], [1]],
        ['sum', [1], [3]],
      ],
    ]);
  });

  it('fails a bad request alone', async () => {
    const { ask } = setUp(sums());
    const answers = [ask(request([[1, 1]])), ask(request([[-1, 0]])), ask(request([[2, 2]]))].map(values);
    expect(await Promise.all(answers)).toEqual([
      [
        ['sum', [1], [2]],
        ['first', [1], [1]],
      ],
      'InvalidArgument',
      [
        ['sum', [1], [4]],
        ['first', [1], [2]],
      ],
    ]);
  });

  it('runs one request at a time where rows are not independent', async () => {
    const model = sums();
    const { ask } = setUp(model, { maxRows: 1 });
    await Promise.all([
      ask(request([[1, 2]])),
      ask(
        request([
          [1, 2],
          [3, 4],
        ]),
      ),
      ask(request([[1, 2]])),
    ]);
    expect(model.runs).toEqual([1, 2, 1]);
  });

  it('collects while a lane is busy, and never passes the rows allowed', async () => {
    const model = sums({ hold: true });
    const { ask, clock } = setUp(model, { maxRows: 3 });
    const first = ask(request([[1, 1]]));
    await clock.settle();
    const others = Array.from({ length: 5 }, (_, i) => ask(request([[i, i]])));
    for (let i = 0; i < 3; i++) {
      await clock.settle();
      model.release1();
    }
    expect(await Promise.all([first, ...others].map(values))).toHaveLength(6);
    expect(model.runs).toEqual([1, 3, 2]);
  });

  it('uses every lane', async () => {
    const model = sums({ hold: true, lanes: 2 });
    const { ask, clock } = setUp(model, { maxRows: 1 });
    const answers = [ask(request([[1, 1]])), ask(request([[2, 2]])), ask(request([[3, 3]]))];
    await clock.settle();
    expect(model.runs).toEqual([1, 1]);
    for (let i = 0; i < 3; i++) {
      model.release1();
      await clock.settle();
    }
    expect((await Promise.all(answers)).every((result) => result.ok)).toBe(true);
  });

  it('refuses what does not fit the queue, at once and with a time to come back', async () => {
    const model = sums({ hold: true });
    const { ask, clock } = setUp(model, { maxRows: 1, maxQueue: 2 });
    void ask(request([[0, 0]]));
    await clock.settle();
    void ask(request([[1, 1]]));
    void ask(request([[2, 2]]));
    const refused = await ask(request([[3, 3]]));
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'QueueFull', retryAfterSeconds: expect.any(Number) },
    });
  });

  it('runs the urgent first', async () => {
    const model = sums({ hold: true });
    const { ask, clock } = setUp(model, { maxRows: 1 });
    const order: string[] = [];
    const send = (name: string, priority: number) =>
      void ask(request([[1, 1]], [], { priority }), 10_000).then(() => order.push(name));
    send('running', 9);
    await clock.settle();
    send('usual', 0);
    send('last', 9);
    send('urgent', 1);
    send('usual too', 5);
    for (let i = 0; i < 5; i++) {
      model.release1();
      await clock.settle();
    }
    expect(order).toEqual(['running', 'urgent', 'usual', 'usual too', 'last']);
  });

  it('sends the least urgent away when the queue is full, not the newcomer that is more urgent', async () => {
    const model = sums({ hold: true });
    const { ask, clock } = setUp(model, { maxRows: 1, maxQueue: 2 });
    const send = (priority: number) => values(ask(request([[1, 1]], ['sum'], { priority }), 10_000));
    const running = send(5);
    await clock.settle();
    const [waits, shed] = [send(5), send(8)];
    const urgent = send(1);
    expect(await shed).toBe('QueueFull');
    expect(await send(9)).toBe('QueueFull');
    for (let i = 0; i < 3; i++) {
      model.release1();
      await clock.settle();
    }
    expect(await Promise.all([running, waits, urgent])).toEqual(Array(3).fill([['sum', [1], [2]]]));
  });

  it('refuses a priority that is none', async () => {
    const { ask } = setUp(sums());
    expect(await values(ask(request([[1, 1]], [], { priority: 'soon' })))).toBe('InvalidArgument');
  });

  it('says when to come back from how fast the model was', async () => {
    const model = sums({ hold: true });
    const { ask, clock } = setUp(model, { maxRows: 1, maxQueue: 4 });
    const send = () => ask(request([[1, 1]]), 1e6);
    for (let i = 0; i < 5; i++) {
      const answer = send();
      await clock.advance(3_000);
      model.release1();
      await answer;
    }
    void send();
    await clock.settle();
    for (let i = 0; i < 4; i++) void send();
    // One runs and four wait, three seconds each.
    expect(await send()).toMatchObject({ error: { code: 'QueueFull', retryAfterSeconds: 15 } });
  });

  it('refuses at once what latency says is too much, long before the queue is full', async () => {
    const model = sums({ hold: true });
    const limit = new GradientLimit({ lanes: 1, max: 1_000, patienceMs: 0, runMs: 100 });
    const { ask, clock } = setUp(model, { maxRows: 1, limit });
    let [answered, refused] = [0, 0];
    for (let turn = 0; turn < 200; turn++) {
      for (let client = 0; client < 10; client++)
        void ask(request([[1, 1]]), 1e9).then((result) => (result.ok ? answered++ : refused++));
      await clock.advance(100);
      model.release1();
      await clock.settle();
      if (turn > 50) expect(limit.current).toBeLessThanOrEqual(8);
    }
    expect(answered).toBe(200);
    expect(refused).toBeGreaterThan(1_700);
  });

  it('answers a request when its deadline passes, waiting or running', async () => {
    const model = sums({ hold: true, lanes: 2 });
    const { ask, clock } = setUp(model, { maxRows: 1 });
    const running = values(ask(request([[1, 1]]), 50));
    const alsoRunning = values(ask(request([[1, 1]]), 500));
    const waiting = values(ask(request([[2, 2]]), 20));
    await clock.advance(21);
    expect(await waiting).toBe('DeadlineExceeded');
    await clock.advance(30);
    expect(await running).toBe('DeadlineExceeded');
    model.release1();
    model.release1();
    expect(await alsoRunning).not.toBe('DeadlineExceeded');
    expect(model.runs).toEqual([1, 1]);
  });

  it('answers a deadline in time beside requests that have longer', async () => {
    const model = sums({ hold: true, lanes: 2 });
    const { ask, clock } = setUp(model, { maxRows: 1 });
    const patient = [1, 2, 3].map((feature) => values(ask(request([[feature, 1]]), 900)));
    await clock.settle();
    const waiting = values(ask(request([[4, 1]]), 20));
    await clock.advance(21);
    expect(await waiting).toBe('DeadlineExceeded');
    // On a lane that is free, beside one that runs.
    for (let i = 0; i < 3; i++) {
      model.release1();
      await clock.settle();
    }
    await Promise.all(patient);
    const longer = values(ask(request([[5, 1]]), 900));
    await clock.settle();
    const running = values(ask(request([[6, 1]]), 40));
    await clock.settle();
    await clock.advance(20);
    expect(await running).toBe('DeadlineExceeded');
    model.release1();
    model.release1();
    expect(await longer).not.toBe('DeadlineExceeded');
  });

  it('tries again, once, what a dying worker left', async () => {
    const model = sums();
    const deaths = [true, false];
    const dying: LoadedModel = {
      ...model,
      run: (inputs, outputs) =>
        deaths.shift() === true
          ? Promise.reject(new ProblemError(problem('WorkerDied', '', 'gone')))
          : model.run(inputs, outputs),
    };
    const { ask } = setUp(dying);
    expect(await values(ask(request([[1, 2]], ['sum'])))).toEqual([['sum', [1], [3]]]);
    deaths.push(true, true);
    expect(await values(ask(request([[1, 2]])))).toBe('ModelFailed');
  });

  it('is drained when nothing waits and nothing runs', async () => {
    const model = sums({ hold: true });
    const { ask, clock, batcher } = setUp(model);
    const answer = ask(request([[1, 2]]));
    let drained = false;
    void batcher.drained().then(() => (drained = true));
    await clock.settle();
    expect(drained).toBe(false);
    model.release1();
    await answer;
    await clock.settle();
    expect(drained).toBe(true);
  });

  it('gives every mix of requests what each would get alone', async () => {
    const row = fc.tuple(fc.integer({ min: -1, max: 50 }), fc.integer({ min: 0, max: 50 }));
    const outputs = fc.constantFrom([], ['sum'], ['first'], ['first', 'sum']);
    const mix = fc.array(fc.tuple(fc.array(row, { minLength: 1, maxLength: 6 }), outputs), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(mix, fc.integer({ min: 1, max: 12 }), async (requests, maxRows) => {
        const together = setUp(sums(), { maxRows });
        const apart = setUp(sums(), { maxRows: 1 });
        const of = ({ ask }: typeof together) =>
          Promise.all(requests.map(([rows, wanted]) => values(ask(request(rows, wanted)))));
        expect(await of(together)).toEqual(await of(apart));
      }),
      { seed: 20261123, numRuns: 100 },
    );
  });
});
