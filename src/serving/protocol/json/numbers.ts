/**
 * Arrays of JSON numbers, from bytes to floating point without a string or an object on the way. Bare `NaN`, `Infinity`
 * and `-Infinity` are taken where the caller says so, as Triton takes and writes them (triton-inference-server/server#3870).
 */
import { CLOSE_BRACKET, COMMA, type JsonCursor, MINUS } from './cursor.js';
import { decimalToDouble, EXACT_POWERS, SINGLE_OVERFLOW } from './decimal.js';

const DOT = 0x2e;
const PLUS = 0x2b;
const LETTER_E = 0x65;
const LOWER_CASE = 0x20;
/** `byte ^ ZERO` is the digit, and more than 9 for every other byte (and for none, at the end). */
const ZERO = 0x30;

export interface NumberKind {
  /** Values end in FP32: a double that rounds to the same FP32 will do, and its range holds. */
  readonly single: boolean;
  /** Whether bare NaN, Infinity and -Infinity are values. */
  readonly nonFinite: boolean;
}

/**
 * Reads numbers into `out` from `offset` on. The cursor stands behind the opening bracket, and after it behind the
 * closing one. Answers how many were read; one more than there was room for, where the array has more.
 */
export function readNumbers(
  cursor: JsonCursor,
  out: Float32Array | Float64Array,
  offset: number,
  kind: NumberKind,
): number {
  if (cursor.peek() === CLOSE_BRACKET) {
    cursor.position++;
    return 0;
  }
  const bytes = cursor.bytes;
  let position = cursor.position;
  for (let index = offset; index < out.length; index++) {
    // Up to 18 digits, no exponent, and the comma right behind: nearly every number there is.
    const start = position;
    const negative = bytes[position] === MINUS;
    if (negative) position++;
    const first = position;
    let high = 0;
    let low = 0;
    let digit = (bytes[position] as number) ^ ZERO;
    while (digit <= 9) {
      high = (Math.imul(high, 10) + digit) | 0;
      digit = (bytes[++position] as number) ^ ZERO;
    }
    const whole = position - first;
    let fraction = 0;
    let tail = 0;
    if (digit === (DOT ^ ZERO)) {
      digit = (bytes[++position] as number) ^ ZERO;
      const dot = position;
      // A zero before the point is no digit that counts.
      const middle = high === 0 ? dot + 9 : dot + 9 - whole;
      while (digit <= 9 && position < middle) {
        high = (Math.imul(high, 10) + digit) | 0;
        digit = (bytes[++position] as number) ^ ZERO;
      }
      const from = position;
      while (digit <= 9) {
        low = (Math.imul(low, 10) + digit) | 0;
        digit = (bytes[++position] as number) ^ ZERO;
      }
      tail = position - from;
      // A point with no digits behind it is no number: it is left to the reader of all others.
      fraction = position - dot || NaN;
    }
    const plain = (whole === 1 || (whole > 1 && bytes[first] !== ZERO)) && whole <= 9;
    if (plain && tail <= 9 && fraction <= 22 && digit === (COMMA ^ ZERO)) {
      const value =
        tail === 0
          ? high / (EXACT_POWERS[fraction] as number)
          : decimalToDouble(high, low, tail, -fraction, kind.single);
      if (value === value) {
        out[index] = negative ? -value : value;
        position++;
        continue;
      }
    }
    cursor.position = start;
    cursor.peek();
    out[index] = readNumber(cursor, kind);
    if (cursor.closesArray()) return index - offset + 1;
    position = cursor.position;
  }
  return out.length - offset + 1;
}

/** Any number: up to 18 digits by `decimalToDouble`, the rest by the engine. */
function readNumber(cursor: JsonCursor, kind: NumberKind): number {
  const { bytes, position: start } = cursor;
  const first = bytes[start] === MINUS ? start + 1 : start;
  mantissa.clear();
  let position = mantissa.scan(bytes, first);
  const whole = position - first;
  let exponent = 0;
  let common = whole === 1 || (whole > 1 && bytes[first] !== ZERO);
  if (bytes[position] === DOT) {
    const dot = position + 1;
    position = mantissa.scan(bytes, dot);
    exponent = dot - position;
    common &&= exponent < 0;
  }
  const { high, low, digits } = mantissa;
  if (((bytes[position] as number) | LOWER_CASE) === LETTER_E) {
    const sign = bytes[position + 1];
    const mark = sign === MINUS || sign === PLUS ? position + 2 : position + 1;
    mantissa.clear();
    position = mantissa.scan(bytes, mark);
    exponent += sign === MINUS ? -mantissa.high : mantissa.high;
    common &&= position > mark && mantissa.digits <= 9;
  }
  if (!common || digits > 18) return readUncommonNumber(cursor, kind);
  const value = decimalToDouble(high, low, digits > 9 ? digits - 9 : 0, exponent, kind.single);
  if (value !== value) return readUncommonNumber(cursor, kind);
  cursor.position = position;
  return first === start ? value : -value;
}

/** Digits as they are read: the first nine in `high`, the next nine in `low`, and how many there are in all. */
class Mantissa {
  high = 0;
  low = 0;
  digits = 0;

  clear(): void {
    this.high = 0;
    this.low = 0;
    this.digits = 0;
  }

  /** Takes the digits at `position`; answers where they end. Zeros in front of all others do not count. */
  scan(bytes: Uint8Array, position: number): number {
    let { high, low, digits } = this;
    let end = position;
    let digit = (bytes[end] as number) ^ ZERO;
    if (digits === 0) while (digit === 0) digit = (bytes[++end] as number) ^ ZERO;
    for (; digits < 9 && digit <= 9; digits++) {
      high = high * 10 + digit;
      digit = (bytes[++end] as number) ^ ZERO;
    }
    for (; digit <= 9; digits++) {
      if (digits < 18) low = low * 10 + digit;
      digit = (bytes[++end] as number) ^ ZERO;
    }
    this.high = high;
    this.low = low;
    this.digits = digits;
    return end;
  }
}

/** One for all: reading is synchronous. */
const mantissa = new Mantissa();

/** Too many digits, a rounding too close to call, a bare NaN, or no number at all. */
function readUncommonNumber(cursor: JsonCursor, kind: NumberKind): number {
  const start = cursor.position;
  if (kind.nonFinite) {
    if (cursor.take('NaN')) return NaN;
    if (cursor.take('Infinity')) return Infinity;
    if (cursor.take('-Infinity')) return -Infinity;
  }
  const value = cursor.readNumber();
  if (kind.single && Math.abs(value) >= SINGLE_OVERFLOW)
    cursor.reject('a number is out of the range of FP32', start);
  return value;
}
