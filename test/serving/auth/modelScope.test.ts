import fc from 'fast-check';
import { isInScope, modelScope } from '../../../src/serving/auth/modelScope.js';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), maxLength: 8 });

describe('the models in a scope', () => {
  test.each<[string, string, boolean]>([
    ['volatility', 'volatility', true],
    ['volatility', 'volatility-2', false],
    ['vol*', 'volatility', true],
    ['*', '', true],
    ['*-prod', 'fx-prod', true],
    ['*-prod', 'fx-prod-2', false],
    ['a*a', 'a', false],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'abba', true],
    ['a.b', 'axb', false],
    ['[ab]', 'a', false],
    ['*bc*c', 'abc', false],
  ])('%s and %s: %s', (pattern, model, expected) => {
    expect(isInScope(modelScope([pattern]), model)).toBe(expected);
  });

  test('are none when none is named', () => {
    expect(isInScope(modelScope([]), '')).toBe(false);
  });

  test('are those a regular expression would find', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, letters, (glob, model) => {
        const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*');
        expect(isInScope(modelScope([glob]), model)).toBe(new RegExp(`^${source}$`).test(model));
      }),
      { numRuns: 2000 },
    );
  });
});
