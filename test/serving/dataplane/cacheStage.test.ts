import { describe, expect, it } from '@jest/globals';
import { fail, ok } from '../../../src/base/index.js';
import { Keyspace, MemoryCache } from '../../../src/serving/cache/index.js';
import {
  CACHE_AS_CONFIGURED,
  CacheStage,
  MissCost,
  ModelStatistics,
  type Predict,
  type PredictionResult,
} from '../../../src/serving/dataplane/index.js';
import type { InferenceRequest } from '../../../src/serving/protocol/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

const requestOf = (value: number): InferenceRequest => ({
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: Float32Array.of(value) }],
  outputs: [],
  binaryOutputs: false,
  parameters: {},
});

function setUp(compute?: (value: number) => Promise<PredictionResult>) {
  const clock = new VirtualClock();
  const computed: number[] = [];
  const next: Predict = (request) => {
    const [value = NaN] = request.inputs[0]?.data as Float32Array;
    computed.push(value);
    const outputs = [{ name: 'y', datatype: 'FP32' as const, shape: [1], data: Float32Array.of(value * 2) }];
    return compute?.(value) ?? Promise.resolve(ok({ outputs, cache: { kind: 'bypass' as const } }));
  };
  const keys = new Keyspace().of({ name: 'm', version: '1' });
  const stage = new CacheStage(next, {
    cache: new MemoryCache(1 << 20, clock),
    clock,
    ttlSeconds: 60,
    keys,
    keyOf: (request) => String((request.inputs[0]?.data as Float32Array)[0]),
    statistics: new ModelStatistics(),
    missCost: new MissCost(1, false),
  });
  const ask = async (value: number, directive = CACHE_AS_CONFIGURED, deadline = Infinity) => {
    const result = await stage.predict(requestOf(value), { deadline, cache: directive });
    return result.ok
      ? { y: [...(result.value.outputs[0]?.data as Float32Array)], cache: result.value.cache }
      : result.error.code;
  };
  return { clock, computed, ask, keys };
}

describe('the cache stage', () => {
  it('computes once, then answers from the cache with the age and what is left', async () => {
    const { ask, clock, computed } = setUp();
    expect(await ask(1)).toEqual({ y: [2], cache: { kind: 'miss', stored: true, collapsed: false } });
    await clock.advance(7_900);
    expect(await ask(1)).toEqual({
      y: [2],
      cache: { kind: 'hit', tier: 'memory', ageSeconds: 7, ttlSeconds: 53 },
    });
    await clock.advance(60_000);
    expect(await ask(1)).toMatchObject({ cache: { kind: 'miss' } });
    expect(computed).toEqual([1, 1]);
  });

  it('computes afresh with no-cache and stores it, and leaves the cache alone with no-store', async () => {
    const { ask, computed } = setUp();
    await ask(1);
    expect(await ask(1, { read: false, store: true })).toMatchObject({
      cache: { kind: 'refused-by-request', stored: true },
    });
    expect(await ask(2, { read: false, store: false })).toMatchObject({
      cache: { kind: 'refused-by-request', stored: false },
    });
    expect(await ask(2)).toMatchObject({ cache: { kind: 'miss' } });
    expect(computed).toEqual([1, 1, 2, 2]);
  });

  it('takes no answer older than max-age', async () => {
    const { ask, clock } = setUp();
    await ask(1);
    await clock.advance(10_000);
    expect(await ask(1, { ...CACHE_AS_CONFIGURED, maxAgeSeconds: 10 })).toMatchObject({
      cache: { kind: 'hit' },
    });
    await clock.advance(100);
    expect(await ask(1, { ...CACHE_AS_CONFIGURED, maxAgeSeconds: 10 })).toMatchObject({
      cache: { kind: 'refused-by-request', stored: true },
    });
    expect(await ask(1, { ...CACHE_AS_CONFIGURED, maxAgeSeconds: 10 })).toMatchObject({
      cache: { kind: 'hit', ageSeconds: 0 },
    });
  });

  it('takes no answer whose lifetime ends before min-fresh', async () => {
    const { ask, clock } = setUp();
    await ask(1);
    await clock.advance(50_000);
    expect(await ask(1, { ...CACHE_AS_CONFIGURED, minFreshSeconds: 10 })).toMatchObject({
      cache: { kind: 'hit' },
    });
    await clock.advance(1);
    expect(await ask(1, { ...CACHE_AS_CONFIGURED, minFreshSeconds: 10 })).toMatchObject({
      cache: { kind: 'refused-by-request', stored: true },
    });
  });

  it('computes once for all who ask at the same time', async () => {
    let finish: (result: PredictionResult) => void = () => {};
    const { ask, computed, clock } = setUp(() => new Promise((resolve) => (finish = resolve)));
    const answers = [ask(1), ask(1), ask(1)];
    await clock.settle();
    finish(
      ok({
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1], data: Float32Array.of(9) }],
        cache: { kind: 'bypass' },
      }),
    );
    expect((await Promise.all(answers)).map((a) => (a as { y: number[] }).y)).toEqual([[9], [9], [9]]);
    expect(computed).toEqual([1]);
  });

  it('does not keep a follower beyond its own deadline', async () => {
    const { ask, clock } = setUp(() => new Promise(() => {}));
    void ask(1);
    await clock.settle();
    const follower = ask(1, CACHE_AS_CONFIGURED, 100);
    await clock.advance(101);
    expect(await follower).toBe('DeadlineExceeded');
  });

  it('lets followers try themselves when the first came too late for itself', async () => {
    const results: PredictionResult[] = [fail({ code: 'DeadlineExceeded', message: '' })];
    const { ask, computed } = setUp((value) =>
      Promise.resolve(
        results.shift() ??
          ok({
            outputs: [{ name: 'y', datatype: 'FP32', shape: [1], data: Float32Array.of(value) }],
            cache: { kind: 'bypass' },
          }),
      ),
    );
    expect(await Promise.all([ask(3), ask(3)])).toEqual([
      'DeadlineExceeded',
      expect.objectContaining({ y: [3] }),
    ]);
    expect(computed).toEqual([3, 3]);
  });

  it('keeps nothing that was begun before a purge, and lets nobody after it wait for it', async () => {
    const finish: ((result: PredictionResult) => void)[] = [];
    const { ask, computed, clock, keys } = setUp(() => new Promise((resolve) => finish.push(resolve)));
    const before = ask(1);
    await clock.settle();
    keys.advanceTo(7);
    const after = ask(1);
    await clock.settle();
    expect(computed).toEqual([1, 1]);
    const answer = (y: number) =>
      ok({
        outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [1], data: Float32Array.of(y) }],
        cache: { kind: 'bypass' as const },
      });
    finish[1]?.(answer(20));
    finish[0]?.(answer(10));
    expect(await before).toEqual({ y: [10], cache: { kind: 'miss', stored: false, collapsed: false } });
    expect(await after).toEqual({ y: [20], cache: { kind: 'miss', stored: true, collapsed: false } });
    expect(await ask(1)).toMatchObject({ y: [20], cache: { kind: 'hit' } });
  });

  it('stores no failure', async () => {
    const results: PredictionResult[] = [fail({ code: 'InvalidArgument', message: '' })];
    const { ask } = setUp(() =>
      Promise.resolve(
        results.shift() ??
          ok({
            outputs: [{ name: 'y', datatype: 'FP32', shape: [1], data: Float32Array.of(1) }],
            cache: { kind: 'bypass' },
          }),
      ),
    );
    expect(await ask(1)).toBe('InvalidArgument');
    expect(await ask(1)).toMatchObject({ cache: { kind: 'miss' } });
  });
});
