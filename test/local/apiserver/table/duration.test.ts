import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { humanDuration } from '../../../../src/local/apiserver/table/index.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, y: YEAR };

describe('the age of an object', () => {
  it.each([
    [-2 * SECOND, '<invalid>'],
    [-1 * SECOND, '0s'],
    [0, '0s'],
    [999, '0s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + 5 * SECOND, '2m5s'],
    [10 * MINUTE + 5 * SECOND, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [7 * HOUR + 59 * MINUTE, '7h59m'],
    [8 * HOUR + 59 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [48 * HOUR, '2d'],
    [7 * DAY + 23 * HOUR, '7d23h'],
    [8 * DAY + 23 * HOUR, '8d'],
    [729 * DAY, '729d'],
    [2 * YEAR, '2y'],
    [2 * YEAR + 30 * DAY, '2y30d'],
    [8 * YEAR + 30 * DAY, '8y'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });

  it('never says more than has passed, and at most a fifth less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * YEAR }), (milliseconds) => {
        const parts = [...humanDuration(milliseconds).matchAll(/(\d+)([smhdy])/g)];
        const said = parts.reduce(
          (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
          0,
        );
        expect(said).toBeLessThanOrEqual(milliseconds);
        if (milliseconds >= 10 * SECOND) expect(said).toBeGreaterThan(milliseconds * 0.8);
      }),
      { seed: 60 },
    );
  });
});
