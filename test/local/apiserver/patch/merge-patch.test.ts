import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyMergePatch } from '../../../../src/local/apiserver/patch/index.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Keys a client may choose to confuse an implementation with. */
const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const scalar = fc.constantFrom<Json>(true, 1, 'x', '');

function json(withNulls: boolean): fc.Arbitrary<Json> {
  const leaf: fc.Arbitrary<Json> = withNulls ? fc.oneof(scalar, fc.constant(null)) : scalar;
  return fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.array(scalar, { maxLength: 2 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
}
const document = json(false);
const patch = json(true);
const SEED = { seed: 7386 };

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The patch that turns `from` into `to`, neither of which holds a null. */
function patchBetween(from: Json | undefined, to: Json): Json {
  if (!isObject(from) || !isObject(to)) return to;
  const changes: [string, Json][] = [];
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) changes.push([name, null]);
  for (const [name, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, name) ? from[name] : undefined;
    if (JSON.stringify(before) !== JSON.stringify(value)) changes.push([name, patchBetween(before, value)]);
  }
  return Object.fromEntries(changes);
}

describe('merge patch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('gives the result of RFC 7386 for %j with %j', (doc, change, result) => {
    expect(applyMergePatch(doc, change)).toEqual(result);
  });

  it('changes nothing when the same patch comes again', () => {
    fc.assert(
      fc.property(document, patch, (doc, change) => {
        const once = applyMergePatch(doc, change);
        expect(applyMergePatch(once, change)).toEqual(once);
      }),
      SEED,
    );
  });

  it('turns any document into any other, given the patch between them', () => {
    fc.assert(
      fc.property(document, document, (from, to) => {
        expect(applyMergePatch(from, patchBetween(from, to))).toEqual(to);
      }),
      SEED,
    );
  });

  it('leaves document, patch and every prototype alone', () => {
    fc.assert(
      fc.property(document, patch, (doc, change) => {
        const before = JSON.stringify([doc, change]);
        const merged = applyMergePatch(doc, change);
        expect(JSON.stringify([doc, change])).toBe(before);
        if (isObject(merged as Json)) expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
        expect(({} as Record<string, unknown>)['a']).toBeUndefined();
      }),
      SEED,
    );
  });
});
