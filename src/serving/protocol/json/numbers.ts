/**
 * Arrays of JSON numbers, from bytes to floating point without a string or an object on the way. Bare `NaN`, `Infinity`
 * and `-Infinity` are taken where the caller says so, as Triton takes and writes them (triton-inference-server/server#3870).
 */
import { CLOSE_BRACKET, COMMA, type JsonCursor, MINUS, NINE, ZERO } from './cursor.js';
import { decimalToDouble, SINGLE_OVERFLOW } from './decimal.js';

const DOT = 0x2e;
const PLUS = 0x2b;
const LETTER_E = 0x65;
const LOWER_CASE = 0x20;

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
  const single = kind.single;
  let position = cursor.position;
  for (let index = offset; index < out.length; index++) {
    let byte = bytes[position] as number;
    if (byte <= 0x20) {
      cursor.position = position;
      byte = cursor.peek();
      position = cursor.position;
    }
    // A number of up to 18 digits: the first nine of them in `high`, the others in `low`, times 10^exponent.
    const start = position;
    if (byte === MINUS) byte = bytes[++position] as number;
    const first = position;
    let high = 0;
    let low = 0;
    let digits = 0;
    let exponent = 0;
    while (byte >= ZERO && byte <= NINE) {
      if (digits < 9) high = high * 10 + (byte - ZERO);
      else if (digits < 18) low = low * 10 + (byte - ZERO);
      digits++;
      byte = bytes[++position] as number;
    }
    const whole = position - first;
    let common = whole === 1 || (whole > 1 && bytes[first] !== ZERO);
    if (byte === DOT) {
      byte = bytes[++position] as number;
      const dot = position;
      if (high === 0) {
        digits = 0;
        while (byte === ZERO) byte = bytes[++position] as number;
      }
      while (byte >= ZERO && byte <= NINE) {
        if (digits < 9) high = high * 10 + (byte - ZERO);
        else if (digits < 18) low = low * 10 + (byte - ZERO);
        digits++;
        byte = bytes[++position] as number;
      }
      exponent = dot - position;
      common = common && exponent < 0;
    }
    if ((byte | LOWER_CASE) === LETTER_E) {
      byte = bytes[++position] as number;
      const negative = byte === MINUS;
      if (negative || byte === PLUS) byte = bytes[++position] as number;
      let power = 0;
      const mark = position;
      while (byte >= ZERO && byte <= NINE) {
        power = power * 10 + (byte - ZERO);
        byte = bytes[++position] as number;
      }
      exponent += negative ? -power : power;
      common = common && position > mark && position - mark < 4;
    }
    let value = NaN;
    if (common && digits <= 18) {
      value = decimalToDouble(high, low, digits > 9 ? digits - 9 : 0, exponent, single);
      if (first !== start) value = -value;
    }
    if (value !== value) {
      // Too many digits, a rounding too close to call, a bare NaN, or no number at all.
      cursor.position = start;
      value = readUncommonNumber(cursor, kind);
      position = cursor.position;
      byte = bytes[position] as number;
    }
    out[index] = value;
    if (byte !== COMMA) {
      cursor.position = position;
      byte = cursor.peek();
      position = cursor.position;
      if (byte === CLOSE_BRACKET) {
        cursor.position = position + 1;
        return index - offset + 1;
      }
      if (byte !== COMMA) cursor.fail("',' or ']'");
    }
    position++;
  }
  return out.length - offset + 1;
}

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
