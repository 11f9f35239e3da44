import { describe, expect, it } from '@jest/globals';
import { choosePlan } from '../../../src/serving/dataplane/plan.js';

const batches = (...times: readonly [rows: number, ms: number][]) =>
  times.map(([rows, ms]) => ({ rows, ms }));
const QUICK = {
  rowMs: 0.05,
  batches: batches([4, 0.1], [16, 0.3], [64, 1]),
  batching: 'rows proved independent',
};
const SLOW = { ...QUICK, rowMs: 20, batches: [] };
const LIMITS = { maxRows: 64, threads: 4, poolAvailable: true };

describe('the plan of a model', () => {
  it('is the event loop for a quick one, and threads for a slow one', () => {
    expect(choosePlan(QUICK, LIMITS)).toMatchObject({ placement: 'inline', threads: 0 });
    expect(choosePlan(SLOW, LIMITS)).toMatchObject({ placement: 'pool', threads: 4 });
    expect(choosePlan(SLOW, { ...LIMITS, poolAvailable: false })).toMatchObject({ placement: 'inline' });
  });

  it('is threads for one that could not be measured', () => {
    const unknown = { ...QUICK, rowMs: undefined, batches: [] };
    expect(choosePlan(unknown, LIMITS)).toMatchObject({ placement: 'pool', maxRows: 1 });
  });

  it('is one thread for a quick one whose load would stop an event loop that answers requests', () => {
    const plan = choosePlan(QUICK, { ...LIMITS, loadMs: 400 });
    expect(plan).toMatchObject({ placement: 'pool', threads: 1 });
    expect(plan.reason).toContain('loading it takes 400 ms');
  });

  it('is the event loop where that load takes no time, and where nobody waits', () => {
    expect(choosePlan(QUICK, { ...LIMITS, loadMs: 3 }).placement).toBe('inline');
    expect(choosePlan(QUICK, { ...LIMITS, loadMs: undefined }).placement).toBe('inline');
    expect(choosePlan(QUICK, { ...LIMITS, poolAvailable: false, loadMs: 400 }).placement).toBe('inline');
  });

  it('has the batches in which a row costs least', () => {
    expect(choosePlan(QUICK, LIMITS).maxRows).toBe(64);
    const outOfCache = { ...QUICK, batches: batches([4, 0.1], [16, 0.3], [64, 3]) };
    expect(choosePlan(outOfCache, LIMITS).maxRows).toBe(16);
  });

  it('has no batches where they save nothing, and says so', () => {
    const plan = choosePlan({ ...QUICK, rowMs: 1, batches: batches([4, 4], [16, 18]) }, LIMITS);
    expect(plan.maxRows).toBe(1);
    expect(plan.reason).toContain('no quicker than its rows alone');
  });

  it('has some on threads all the same, to share what it takes to get there', () => {
    const even = { ...QUICK, rowMs: 2.1, batches: batches([4, 8.4], [16, 35]) };
    expect(choosePlan(even, LIMITS)).toMatchObject({ placement: 'pool', maxRows: 4 });
  });

  it('has none that the event loop would feel, or that keeps who comes next on a thread waiting for long', () => {
    const half = { ...QUICK, rowMs: 0.9, batches: batches([4, 2.4], [16, 8], [64, 30]) };
    expect(choosePlan(half, LIMITS).maxRows).toBe(8);
    const long = { ...SLOW, batches: batches([4, 40]) };
    expect(choosePlan(long, LIMITS).maxRows).toBe(9);
  });

  it('has every thread for a slow one, whatever its load takes', () => {
    expect(choosePlan(SLOW, { ...LIMITS, loadMs: 400 })).toMatchObject({ placement: 'pool', threads: 4 });
  });
});
