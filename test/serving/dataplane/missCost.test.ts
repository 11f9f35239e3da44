import { describe, expect, it } from '@jest/globals';
import { MissCost } from '../../../src/serving/dataplane/index.js';

describe('what a miss costs', () => {
  it('is what warm-up measured, of a model on the event loop', () => {
    const cost = new MissCost(0.5, false);
    for (let i = 0; i < 20; i++) cost.took(40);
    expect([cost.ms, cost.observes]).toEqual([0.5, false]);
  });

  it('is what requests lately took, of one on threads: the way there and back and the line count', () => {
    const cost = new MissCost(3, true);
    expect(cost.ms).toBe(3);
    for (let i = 0; i < 9; i++) cost.took(5);
    expect(cost.ms).toBe(5);
    for (let i = 0; i < 9; i++) cost.took(50);
    expect(cost.ms).toBe(50);
  });

  it('is never less than a run, and no single late one makes it more', () => {
    const cost = new MissCost(3, true);
    for (let i = 0; i < 8; i++) cost.took(1);
    cost.took(900);
    expect(cost.ms).toBe(3);
  });

  it('has no bound where warm-up could not measure', () => {
    expect(new MissCost(Infinity, true).ms).toBe(Infinity);
  });
});
