import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { JsonCursor } from '../../../../src/serving/protocol/json/cursor.js';
import { type NumberKind, readNumbers } from '../../../../src/serving/protocol/json/numbers.js';
import { Refusal } from '../../../../src/serving/protocol/refusal.js';

const DOUBLE = { single: false, nonFinite: true };
const SINGLE = { single: true, nonFinite: true };

/** Longer than any number is looked ahead: what stands before it is read the quick way, at the document's end the other. */
const PADDING = ' '.repeat(40);

function scan<T extends Float32Array | Float64Array>(text: string, out: T, single: boolean): T {
  const quick = scanOnce(`[${text}]${PADDING}`, out.slice() as T, single);
  const careful = scanOnce(`[${text}]`, out, single);
  assert.deepEqual(quick, careful);
  return careful;
}

function scanOnce<T extends Float32Array | Float64Array>(document: string, out: T, single: boolean): T {
  const cursor = new JsonCursor(Buffer.from(document));
  cursor.position = 1;
  const read = readNumbers(cursor, out, 0, single ? SINGLE : DOUBLE);
  assert.equal(read, out.length);
  cursor.expectEnd();
  return out;
}

/** Texts of numbers in every form JSON has, many of them hard to round. */
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.nat({ max: 99999 }),
      fc.stringMatching(/^[0-9]{1,25}$/),
      fc.option(fc.integer({ min: -60, max: 30 })),
    )
    .map(
      ([sign, whole, fraction, power]) => `${sign}${whole}.${fraction}${power === null ? '' : `e${power}`}`,
    ),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,24})?$/),
);

/** What clients write between numbers. */
const separator = fc.constantFrom(',', ', ', ' ,', ',\n  ', ',  ');

/** What is said of a document that is no array of one or two numbers. */
function refusalOf(document: string, kind: NumberKind): string | undefined {
  const cursor = new JsonCursor(Buffer.from(document));
  cursor.position = 1;
  try {
    const out = kind.single ? new Float32Array(2) : new Float64Array(2);
    if (readNumbers(cursor, out, 0, kind) === 0) return 'empty';
    cursor.expectEnd();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.message;
  }
}

describe('arrays of numbers', () => {
  test('reads as many as there are, and one too many as one too many, however long the array', () => {
    for (const length of [255, 256, 257, 511, 512, 513, 1024, 2000]) {
      const values = Array.from({ length }, (_, i) => ((i * 7919) % 1000) / 8);
      assert.deepEqual(scan(values.join(','), new Float64Array(length), false), Float64Array.from(values));
      assert.deepEqual(scan(values.join(', '), new Float32Array(length), true), Float32Array.from(values));
      const cursor = new JsonCursor(Buffer.from(`[${values.join(',')}]${PADDING}`));
      cursor.position = 1;
      assert.equal(readNumbers(cursor, new Float64Array(length - 1), 0, DOUBLE), length);
    }
  });

  test('doubles are those of the engine for every form of number', () => {
    fc.assert(
      fc.property(fc.array(numberText, { minLength: 1, maxLength: 20 }), separator, (texts, between) => {
        const values = scan(texts.join(between), new Float64Array(texts.length), false);
        assert.deepEqual(
          Array.from(values),
          texts.map((text) => JSON.parse(text) as number),
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('FP32 values are the rounded doubles of the engine', () => {
    fc.assert(
      fc.property(fc.array(numberText, { minLength: 1, maxLength: 20 }), separator, (texts, between) => {
        const inRange = texts.filter((text) => Math.abs(Number(text)) < 3.4e38);
        const values = scan(inRange.join(between) || '0', new Float32Array(inRange.length || 1), true);
        if (inRange.length === 0) return;
        assert.deepEqual(
          Array.from(values),
          inRange.map((text) => Math.fround(Number(text))),
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('doubles halfway between two FP32 values, and next to halfway, round as the engine rounds them', () => {
    const bits = new DataView(new ArrayBuffer(8));
    fc.assert(
      fc.property(
        fc.integer({ min: 0x00800000, max: 0x7f000000 }),
        fc.integer({ min: -2, max: 2 }),
        (pattern, step) => {
          bits.setUint32(0, pattern);
          const low = bits.getFloat32(0);
          bits.setUint32(0, pattern + 1);
          bits.setFloat64(0, (low + bits.getFloat32(0)) / 2);
          bits.setBigUint64(0, bits.getBigUint64(0) + BigInt(step));
          const text = String(bits.getFloat64(0));
          assert.equal(scan(text, new Float32Array(1), true)[0], Math.fround(Number(text)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('decimals next to halfway between two FP32 values round right, however many digits tell', () => {
    const bits = new DataView(new ArrayBuffer(4));
    fc.assert(
      fc.property(
        fc.integer({ min: 0x3a800000, max: 0x49000000 }),
        fc.integer({ min: 8, max: 22 }),
        fc.integer({ min: -1, max: 1 }),
        fc.boolean(),
        (pattern, places, step, negative) => {
          bits.setUint32(0, pattern);
          const low = bits.getFloat32(0);
          bits.setUint32(0, pattern + 1);
          // Exact: the middle has at most 36 binary places here, and so as many decimal ones.
          const middle = BigInt(((low + bits.getFloat32(0)) / 2) * 2 ** 36) * 5n ** 36n;
          const cut = (middle / 10n ** BigInt(36 - places) + BigInt(step))
            .toString()
            .padStart(places + 1, '0');
          const text = `${negative ? '-' : ''}${cut.slice(0, -places)}.${cut.slice(-places)}`;
          assert.equal(scan(text, new Float32Array(1), true)[0], Math.fround(Number(text)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['0e5', 0],
    ['0.000000000000000000000000000001', 1e-30],
    ['1E+2', 100],
    ['9007199254740993', 9007199254740992],
    ['9007199254740992.5', 9007199254740992],
    ['5e-324', 5e-324],
    ['2.4703282292062328e-324', 5e-324],
    ['1.7976931348623157e308', 1.7976931348623157e308],
    ['123456789012345678901234567890', 1.2345678901234568e29],
    ['0.1000000000000000055511151231257827021181583404541015625', 0.1],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
  ])('%s is read as %d', (text, expected) => {
    expect(scan(text, new Float64Array(1), false)[0]).toBe(expected);
  });

  test('white space is allowed where JSON allows it', () => {
    expect(Array.from(scan(' \n1\t,\r 2 , 3 ', new Float64Array(3), false))).toEqual([1, 2, 3]);
  });

  test.each([
    '',
    '-',
    '+1',
    '01',
    '-01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '1.e5',
    '0x10',
    '1_000',
    '1 2',
    '1,,2',
    '1,',
    ',1',
    'nan',
    'NAN',
    'Inf',
    '-NaN',
    '+Infinity',
    'Infinit',
    'null',
    'true',
    '"1"',
    '[1]',
    '{}',
    '1]',
    '1]2,3',
    '1e400',
    '--1',
    '1-1',
    '1.2.3',
    '1e5e5',
    '\u00a01',
  ])('%j is refused', (text) => {
    const refusals = [`[${text}]`, `[${text}]${PADDING}`].flatMap((document) =>
      [DOUBLE, SINGLE].map((kind) => refusalOf(document, kind)),
    );
    expect(refusals[0]).toBeDefined();
    // The same words and the same place, whichever way the numbers before it were read.
    expect(new Set(refusals).size).toBe(1);
  });

  test('a number is found wrong at the same byte, however it is read', () => {
    expect(refusalOf(`[0.5,-12.25,1.${PADDING}]`, SINGLE)).toMatch(/at byte 12/);
    expect(refusalOf('[0.5,-12.25,1.]', SINGLE)).toMatch(/at byte 12/);
  });

  test.each(['3.4028235677973366e38', '-1e39', '1e300', '340282356779733660000000000000000000000'])(
    '%s is refused where FP32 has no such number',
    (text) => {
      expect(() => scan(text, new Float32Array(1), true)).toThrow(/out of the range of FP32/);
    },
  );

  test('the greatest FP32 and what rounds to it are accepted', () => {
    const greatest = 3.4028234663852886e38;
    expect(scan('3.4028235e38,3.4028235677973362e38', new Float32Array(2), true)).toEqual(
      Float32Array.of(greatest, greatest),
    );
  });

  test('more numbers than there is room for are reported, not written', () => {
    const cursor = new JsonCursor(Buffer.from('[1,2,3]'));
    cursor.position = 1;
    expect(readNumbers(cursor, new Float64Array(2), 0, DOUBLE)).toBe(3);
  });

  test('any prefix of an array ends in a refusal, never in a wrong number', () => {
    const whole = Buffer.from('[0.5,-12.75e-3,123456789012345678]');
    for (let length = 1; length < whole.length; length++) {
      const cursor = new JsonCursor(whole.subarray(0, length));
      cursor.position = 1;
      expect(() => readNumbers(cursor, new Float64Array(3), 0, DOUBLE)).toThrow(Refusal);
    }
  });
});
