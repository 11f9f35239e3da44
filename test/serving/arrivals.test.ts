import { describe, expect, it } from '@jest/globals';
import { Arrivals } from '../../src/serving/arrivals.js';

/** Turns until the callback runs, when in each turn somebody comes as long as `coming` says so. */
function turnsWaited(coming: (turn: number) => boolean): number {
  const queue: (() => void)[] = [];
  const arrivals = new Arrivals((callback) => queue.push(callback));
  let ran = false;
  arrivals.afterInput(() => (ran = true));
  let turns = 0;
  while (!ran) {
    if (coming(turns++)) arrivals.oneCame();
    for (const callback of queue.splice(0)) callback();
  }
  return turns;
}

describe('a run', () => {
  it('waits for nothing but the input at hand when nobody connects', () => {
    expect(turnsWaited(() => false)).toBe(1);
  });

  it('waits until all who came together are let in', () => {
    expect(turnsWaited((turn) => turn < 5)).toBe(6);
  });

  it('waits sixteen turns at most for clients that connect without end', () => {
    expect(turnsWaited(() => true)).toBe(16);
  });
});
