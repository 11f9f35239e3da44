import { describe, expect, it } from '@jest/globals';
import { addStatistics } from '../../../src/serving/processes/podStatistics.js';

const entry = (count: number, last: number) => ({
  name: 'linear',
  version: '1',
  last_inference: last,
  inference_count: count,
  inference_stats: { success: { count, ns: count * 10 } },
});

describe('the statistics of a pod', () => {
  it('add up what each process counted, and keep the latest moment', () => {
    expect(addStatistics([entry(1, 300), entry(2, 500), entry(4, 400)])).toEqual(entry(7, 500));
  });

  it('are those of the process where there is one', () => {
    expect(addStatistics([entry(3, 100)])).toEqual(entry(3, 100));
  });

  it('count what only one of them has', () => {
    expect(addStatistics([{ a: 1 }, { a: 1, deep: { b: 2 } }])).toEqual({ a: 2, deep: { b: 2 } });
  });
});
