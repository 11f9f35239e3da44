import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyJsonPatch, unknownJsonPatchFields } from '../../../../src/local/apiserver/patch/index.js';
import { StatusError } from '../../../../src/local/apiserver/status.js';

const REFUSED = {
  code: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
  details: {},
};

function refusal(doc: unknown, patch: unknown): StatusError['status'] {
  try {
    applyJsonPatch(doc, patch);
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('was not refused');
}

describe('JSON Patch', () => {
  const doc = { data: { k: 'v', 'a/b': '1', 'm~n': '2' }, list: ['a', 'b', 'c'], none: null };

  it.each([
    ['adds a key', [{ op: 'add', path: '/data/n', value: 1 }], { data: { ...doc.data, n: 1 } }],
    ['removes a key', [{ op: 'remove', path: '/data/k' }], { data: { 'a/b': '1', 'm~n': '2' } }],
    [
      'reads ~1 as a slash',
      [{ op: 'replace', path: '/data/a~1b', value: 0 }],
      { data: { ...doc.data, 'a/b': 0 } },
    ],
    [
      'reads ~0 as a tilde',
      [{ op: 'replace', path: '/data/m~0n', value: 0 }],
      { data: { ...doc.data, 'm~n': 0 } },
    ],
    [
      'replaces what is not there',
      [{ op: 'replace', path: '/data/x', value: 0 }],
      { data: { ...doc.data, x: 0 } },
    ],
    ['inserts into a list', [{ op: 'add', path: '/list/1', value: 'x' }], { list: ['a', 'x', 'b', 'c'] }],
    ['appends to a list', [{ op: 'add', path: '/list/-', value: 'x' }], { list: ['a', 'b', 'c', 'x'] }],
    ['removes from a list', [{ op: 'remove', path: '/list/0' }], { list: ['b', 'c'] }],
    ['counts back from the end', [{ op: 'remove', path: '/list/-1' }], { list: ['a', 'b'] }],
    [
      'moves',
      [{ op: 'move', from: '/list/0', path: '/data/k' }],
      { list: ['b', 'c'], data: { ...doc.data, k: 'a' } },
    ],
    ['copies', [{ op: 'copy', from: '/data/k', path: '/copy' }], { copy: 'v' }],
    [
      'goes on after a test that holds',
      [
        { op: 'test', path: '/data/k', value: 'v' },
        { op: 'remove', path: '/none' },
      ],
      { none: undefined },
    ],
    ['takes a missing key for null', [{ op: 'test', path: '/data/x', value: null }], {}],
    ['drops what stands before the first slash', [{ op: 'add', path: 'data/k2', value: 1 }], { k2: 1 }],
  ])('%s', (_name, patch, changes) => {
    expect(applyJsonPatch(doc, patch)).toEqual({ ...doc, ...changes });
  });

  it.each([
    ['a test that fails', [{ op: 'test', path: '/data/k', value: 'x' }]],
    ['the removal of a missing key', [{ op: 'remove', path: '/data/x' }]],
    ['a path through a missing object', [{ op: 'add', path: '/x/y', value: 1 }]],
    ['a path through a scalar', [{ op: 'add', path: '/data/k/y', value: 1 }]],
    ['an index past the end', [{ op: 'add', path: '/list/4', value: 1 }]],
    ['an index before the start', [{ op: 'remove', path: '/list/-4' }]],
    ['an index that is no number', [{ op: 'remove', path: '/list/x' }]],
    ['an unknown operation', [{ op: 'nope', path: '/data/k' }]],
    ['no path', [{ op: 'add', value: 1 }]],
    ['a copy of what is not there', [{ op: 'copy', from: '/data/x', path: '/y' }]],
    ['the whole document', [{ op: 'replace', path: '', value: {} }]],
  ])('refuses %s, whatever the reason, in the same words', (_name, patch) => {
    expect(refusal(doc, patch)).toMatchObject(REFUSED);
  });

  it('refuses what is no list of operations', () => {
    expect(refusal(doc, { op: 'add' })).toMatchObject({
      code: 400,
      message: 'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    });
    expect(refusal(doc, [1])).toMatchObject({
      code: 400,
      message: 'json: cannot unmarshal number into Go value of type jsonpatch.Operation',
    });
    expect(refusal(doc, new Array(10_001).fill({ op: 'remove', path: '/none' }))).toMatchObject({
      code: 413,
    });
  });

  it('bounds what copies may add up to', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/all', path: `/all/x${i}` }));
    expect(refusal({ all: { text: 'x'.repeat(100) } }, doubling)).toMatchObject(REFUSED);
  });

  it('names the members an operation does not have', () => {
    expect(
      unknownJsonPatchFields([
        { op: 'remove', path: '/a' },
        { op: 'add', path: '/b', extra: 2 },
      ]),
    ).toEqual(['[1].extra']);
  });

  it('does to any key what it says, and nothing to prototypes or to the document given', () => {
    const name = fc.constantFrom('a', '__proto__', 'constructor', 'x/y', 'x~y', '0');
    fc.assert(
      fc.property(fc.dictionary(name, fc.integer()), name, fc.integer(), (object, key, value) => {
        const before = JSON.stringify(object);
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const added = applyJsonPatch(object, [{ op: 'add', path, value }]) as Record<string, number>;
        expect(Object.getOwnPropertyDescriptor(added, key)?.value).toBe(value);
        const removed = applyJsonPatch(added, [{ op: 'remove', path }]) as Record<string, number>;
        expect(Object.hasOwn(removed, key)).toBe(false);
        expect(JSON.stringify(object)).toBe(before);
      }),
      { seed: 6902 },
    );
  });
});
