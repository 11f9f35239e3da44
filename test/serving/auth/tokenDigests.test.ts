import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { digestOfHex, digestOfToken, findDigest, findToken } from '../../../src/serving/auth/tokenDigests.js';
import { character } from '../../support/characters.js';

function tableOf(tokens: readonly string[]): number[] {
  return tokens.flatMap((token) => [...digestOfToken(token)]);
}

const tokens = fc.uniqueArray(fc.string({ maxLength: 40 }), { maxLength: 20 });

describe('the digest of a token', () => {
  test('is its SHA-256, however it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 100 }), (token) => {
        const sha256 = createHash('sha256').update(token).digest();
        expect(Buffer.from(digestOfToken(token).buffer)).toEqual(sha256);
        expect(digestOfHex(sha256.toString('hex'))).toEqual(digestOfToken(token));
      }),
    );
  });
});

describe('the search for a digest', () => {
  test('finds each one where it is, and none that is not there', () => {
    fc.assert(
      fc.property(tokens, fc.string(), (known, other) => {
        const table = tableOf(known);
        for (const token of [...known, other]) {
          assert.equal(findDigest(table, digestOfToken(token)), known.indexOf(token));
          assert.equal(findToken(Int32Array.from(table), token), known.indexOf(token));
        }
      }),
    );
  });

  test('tells digests apart that differ in one bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (bit) => {
        const digest = digestOfToken('a');
        const other = digest.slice();
        other[bit >> 5] = (other[bit >> 5] ?? 0) ^ (1 << (bit & 31));
        expect(findDigest(digest, other)).toBe(-1);
      }),
    );
  });

  test('reads every word of every digest once, in the same order, whatever is found where', () => {
    fc.assert(
      fc.property(tokens, fc.string(), (known, other) => {
        const table = tableOf(known);
        const every = Array.from(table.keys(), String);
        for (const candidate of [...known, other]) {
          const read: string[] = [];
          const watched = new Proxy(table, {
            get: (target, key) => {
              if (key !== 'length') read.push(String(key));
              return Reflect.get(target, key) as unknown;
            },
          });
          findDigest(watched, digestOfToken(candidate));
          assert.deepEqual(read, every);
        }
      }),
    );
  });
});
