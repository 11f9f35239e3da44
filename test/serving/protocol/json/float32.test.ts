import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { MAX_FLOAT32_BYTES } from '../../../../src/serving/protocol/json/float32.js';
import { printFloat32, printFloat64 } from '../../../../src/serving/protocol/json/printNumbers.js';

const words = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  words.setUint32(0, bits);
  return words.getFloat32(0);
}

function print(value: number): string {
  const out = Buffer.alloc(64);
  return out.toString('latin1', 0, printFloat32(out, 0, Float32Array.of(value), 'words'));
}

/** The fewest digits that read back, by trying them all. */
function fewestDigits(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    if (Math.fround(Number(value.toPrecision(digits))) === value) return digits;
  }
  throw new Error(`nine digits do not hold ${value}`);
}

function digitsIn(text: string): number {
  return text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
}

const pattern = fc.integer({ min: 0, max: 0x7f7fffff });

describe('printing FP32', () => {
  test('every value reads back as itself, through a double as clients read it', () => {
    fc.assert(
      fc.property(pattern, fc.boolean(), (bits, negative) => {
        const value = fromBits(bits) * (negative ? -1 : 1);
        const text = print(value);
        assert.equal(Math.fround(JSON.parse(text) as number), value);
        assert.ok(text.length <= MAX_FLOAT32_BYTES, text);
      }),
      { numRuns: 20000 },
    );
  });

  test('powers of two, subnormals and their neighbours read back', () => {
    for (let exponent = 0; exponent < 255; exponent++) {
      for (const step of [0, 1, 2, 0x3fffff, 0x400000, 0x7ffffe, 0x7fffff]) {
        const value = fromBits((exponent << 23) + step);
        assert.equal(Math.fround(Number(print(value))), value);
      }
    }
  });

  test('no value takes more digits than it needs', () => {
    fc.assert(
      fc.property(pattern, (bits) => {
        const value = fromBits(bits);
        if (Number.isInteger(value)) return;
        assert.ok(digitsIn(print(value)) <= fewestDigits(value), print(value));
      }),
      { numRuns: 20000 },
    );
  });

  test.each([
    [0.1, '0.1'],
    [0.3, '0.3'],
    [-1.5, '-1.5'],
    [1, '1'],
    [16777216, '16777216'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [1.17549435e-38, '1.1754944e-38'],
    [1e-45, '1e-45'],
    [3.4028235e38, '3.4028235e+38'],
    [1e21, '1e+21'],
    [1e20, '100000000000000000000'],
    [123456.79, '123456.79'],
    [0, '0'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('%d is written %s', (value, text) => {
    expect(print(Math.fround(value))).toBe(text);
  });

  test('values that JSON has no words for are null where the reader wants strict JSON', () => {
    const out = Buffer.alloc(64);
    const end = printFloat32(out, 0, Float32Array.of(1, NaN, Infinity), 'null');
    expect(out.toString('latin1', 0, end)).toBe('1,null,null');
  });
});

describe('printing FP64', () => {
  test('every value reads back as itself, zeros with their sign', () => {
    fc.assert(
      fc.property(fc.float64Array({ noNaN: true, noDefaultInfinity: true, maxLength: 2000 }), (values) => {
        const out = Buffer.alloc(values.length * 26 + 1);
        const text = out.toString('latin1', 0, printFloat64(out, 0, values, 'words'));
        expect(text === '' ? [] : text.split(',').map(Number)).toEqual(Array.from(values));
      }),
    );
  });

  test('NaN and infinities do not disturb their neighbours', () => {
    const out = Buffer.alloc(200);
    const end = printFloat64(out, 0, Float64Array.of(0.1, NaN, -Infinity, -0, 2), 'words');
    expect(out.toString('latin1', 0, end)).toBe('0.1,NaN,-Infinity,-0,2');
  });
});
