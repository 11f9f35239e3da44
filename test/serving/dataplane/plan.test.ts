import { describe, expect, it } from '@jest/globals';
import { choosePlan } from '../../../src/serving/dataplane/plan.js';

const QUICK = { rowMs: 0.05, batchMs: 2, batching: 'rows proved independent', independentRows: true };
const SLOW = { ...QUICK, rowMs: 20, batchMs: undefined };
const LIMITS = { maxRows: 64, threads: 4, poolAvailable: true };

describe('the plan of a model', () => {
  it('is the event loop for a quick one, and threads for a slow one', () => {
    expect(choosePlan(QUICK, LIMITS)).toMatchObject({ placement: 'inline', threads: 0 });
    expect(choosePlan(SLOW, LIMITS)).toMatchObject({ placement: 'pool', threads: 4 });
    expect(choosePlan(SLOW, { ...LIMITS, poolAvailable: false })).toMatchObject({ placement: 'inline' });
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

  it('has every thread for a slow one, whatever its load takes', () => {
    expect(choosePlan(SLOW, { ...LIMITS, loadMs: 400 })).toMatchObject({ placement: 'pool', threads: 4 });
  });
});
