import fc from 'fast-check';
import { StatusError } from '../../../../src/local/apiserver/status.js';
import { parseLabelSelector } from '../../../../src/local/apiserver/verbs/labelSelector.js';

const matches = (selector: string, labels: Record<string, string>) =>
  parseLabelSelector(selector)?.(labels) ?? true;

describe('a label selector', () => {
  it.each([
    ['app=x', { app: 'x' }, true],
    ['app==x', { app: 'y' }, false],
    ['app!=x', {}, true],
    ['app in (x, y)', { app: 'y' }, true],
    ['app notin (x,y)', { app: 'x' }, false],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['n>1,n<5', { n: '3' }, true],
    ['app=,tier in (,a)', { app: '', tier: '' }, true],
    ['example.com/app=x', { 'example.com/app': 'x' }, true],
    ['constructor', {}, false],
  ])('%s on %j: %s', (selector, labels, expected) => {
    expect(matches(selector, labels as Record<string, string>)).toBe(expected);
  });

  it.each(['==', 'a in', 'a in (x', '-bad=x', 'a=b c', 'a,', 'a>x', 'a=b!'])(
    'refuses %s with 400',
    (selector) => {
      expect(() => parseLabelSelector(selector)).toThrow(StatusError);
    },
  );

  it('takes any text or refuses it, and never fails otherwise', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '=', '!', '(', ')', ',', ' ', 'in', '<') }),
        (text) => {
          try {
            parseLabelSelector(text);
          } catch (error) {
            expect(error).toBeInstanceOf(StatusError);
          }
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });
});
