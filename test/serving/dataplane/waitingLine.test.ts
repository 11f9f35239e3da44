import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaitingLine } from '../../../src/serving/dataplane/waitingLine.js';

const level = fc.integer({ min: 1, max: 9 });

describe('the line before a model', () => {
  it('serves by priority, and in the order of coming among equals', () => {
    fc.assert(
      fc.property(fc.array(level), (levels) => {
        const line = new WaitingLine<{ priority: number; came: number }>();
        const items = levels.map((priority, came) => ({ priority, came }));
        for (const item of items) line.add(item);
        // Sorting is stable.
        expect([...line]).toEqual([...items].sort((a, b) => a.priority - b.priority));
      }),
      { seed: 20261123 },
    );
  });

  it('gives up the least urgent that came last, and only for one more urgent', () => {
    fc.assert(
      fc.property(fc.array(level), level, (levels, urgency) => {
        const line = new WaitingLine<{ priority: number }>();
        for (const priority of levels) line.add({ priority });
        const before = [...line];
        const shed = line.giveUpFor(urgency);
        if (shed === undefined) {
          expect([...line]).toEqual(before);
          expect(levels.every((priority) => priority <= urgency)).toBe(true);
        } else {
          expect(shed).toBe(before.at(-1));
          expect(shed.priority).toBe(Math.max(...levels));
          expect(shed.priority).toBeGreaterThan(urgency);
        }
      }),
      { seed: 20261123 },
    );
  });

  it('lets out those that are told to leave, up to where the visit stops', () => {
    const line = new WaitingLine<{ priority: number; name: string }>();
    for (const name of ['a', 'b', 'c', 'd', 'e']) line.add({ priority: 5, name });
    const visited: string[] = [];
    line.visit(({ name }) => {
      visited.push(name);
      if (name === 'd') return 'stop';
      return name === 'b' ? 'stays' : 'leaves';
    });
    expect(visited).toEqual(['a', 'b', 'c', 'd']);
    expect([...line].map(({ name }) => name)).toEqual(['b', 'd', 'e']);
  });
});
