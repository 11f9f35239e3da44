import { compareResourceVersions } from '../../src/kube/resourceVersion.js';

describe('compareResourceVersions', () => {
  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['18446744073709551616', '18446744073709551615', 1],
    ['7', '7', 0],
  ])('orders %s and %s as numbers of any length', (a, b, expected) => {
    expect(Math.sign(compareResourceVersions(a, b) ?? Number.NaN)).toBe(expected);
  });

  it.each([
    ['abc', '1'],
    ['01', '1'],
    ['', '1'],
  ])('cannot order %j and %j', (a, b) => {
    expect(compareResourceVersions(a, b)).toBeUndefined();
  });
});
