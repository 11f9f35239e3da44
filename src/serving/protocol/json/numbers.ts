/**
 * Arrays of JSON numbers, from bytes to floating point without a string or an object on the way. Bare `NaN`, `Infinity`
 * and `-Infinity` are taken where the caller says so, as Triton takes and writes them (triton-inference-server/server#3870).
 */
import { CLOSE_BRACKET, type JsonCursor, MINUS } from './cursor.js';
import { decimalToDouble, nearest } from './decimal.js';
import { MOST_AT_ONCE, scanNumbers } from './scanNumbers.js';

const DOT = 0x2e;
const PLUS = 0x2b;
const LETTER_E = 0x65;
const LOWER_CASE = 0x20;
/** `byte ^ ZERO` is the digit, and more than 9 for every other byte (and for none, at the end). */
const ZERO = 0x30;
/** From here on a decimal rounds to infinity in FP32: halfway between its largest value and the next power of two. */
const SINGLE_OVERFLOW = 3.4028235677973366e38;

export interface NumberKind {
  /** Values end in FP32, and its range holds. */
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
  let index = offset;
  while (index < out.length) {
    const scanned = scanNumbers(cursor, out, index, kind.single);
    const closed = scanned > index && cursor.bytes[cursor.position - 1] === CLOSE_BRACKET;
    const more = scanned === index + MOST_AT_ONCE;
    index = scanned;
    if (closed) return index - offset;
    if (more) continue;
    if (index === out.length) break;
    cursor.peek();
    out[index++] = readNumber(cursor, kind);
    if (cursor.closesArray()) return index - offset;
  }
  return index - offset + 1;
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
  if (!decimalToDouble(high, low, digits > 9 ? digits - 9 : 0, exponent))
    return readUncommonNumber(cursor, kind);
  const value = nearest[0] as number;
  if (kind.single && value >= SINGLE_OVERFLOW) return readUncommonNumber(cursor, kind);
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
      high = (Math.imul(high, 10) + digit) | 0;
      digit = (bytes[++end] as number) ^ ZERO;
    }
    for (; digit <= 9; digits++) {
      if (digits < 18) low = (Math.imul(low, 10) + digit) | 0;
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
