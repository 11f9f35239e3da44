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

  it('is what a plain list would be, whatever is done to it and however long', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), levels: fc.array(level, { maxLength: 300 }) }),
      fc.record({
        do: fc.constant('visit' as const),
        until: fc.nat(300),
        every: fc.integer({ min: 1, max: 5 }),
      }),
      fc.record({ do: fc.constant('giveUp' as const), urgency: level }),
      fc.record({ do: fc.constant('keep' as const), every: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const line = new WaitingLine<{ priority: number; came: number }>();
        let list: { priority: number; came: number }[] = [];
        let came = 0;
        for (const one of steps) {
          if (one.do === 'add') {
            for (const priority of one.levels) {
              const item = { priority, came: came++ };
              line.add(item);
              const at = list.findIndex((other) => other.priority > priority);
              list.splice(at === -1 ? list.length : at, 0, item);
            }
          } else if (one.do === 'visit') {
            let visited = 0;
            line.visit((item) => {
              if (visited++ === one.until) return 'stop';
              return item.came % one.every === 0 ? 'leaves' : 'stays';
            });
            list = list.filter((item, at) => at >= one.until || item.came % one.every !== 0);
          } else if (one.do === 'giveUp') {
            const last = list.at(-1);
            const shed = last !== undefined && last.priority > one.urgency ? list.pop() : undefined;
            expect(line.giveUpFor(one.urgency)).toBe(shed);
          } else {
            line.keep((item) => item.came % one.every !== 0);
            list = list.filter((item) => item.came % one.every !== 0);
          }
          expect(line.length).toBe(list.length);
          expect([...line].map((item) => item.came)).toEqual(list.map((item) => item.came));
        }
      }),
      { seed: 20261123, numRuns: 200 },
    );
  });
});
