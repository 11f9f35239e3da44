import { describe, expect, it } from '@jest/globals';
import { DEFAULT_PRIORITY, requestPriority } from '../../../src/serving/protocol/priority.js';

describe('the parameter priority', () => {
  it.each([
    [undefined, DEFAULT_PRIORITY],
    [0, DEFAULT_PRIORITY],
    [1, 1],
    [9, 9],
    [4_000_000_000, 9],
    ['2', 2],
  ])('%p is level %p', (given, level) => {
    expect(requestPriority(given === undefined ? {} : { priority: given })).toEqual({
      ok: true,
      value: level,
    });
  });

  it.each([-1, 1.5, 'soon', true, NaN, Infinity])('%p is refused', (given) => {
    expect(requestPriority({ priority: given })).toMatchObject({
      ok: false,
      error: { code: 'InvalidArgument', place: 'parameters.priority' },
    });
  });
});
