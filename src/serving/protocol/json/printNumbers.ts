/**
 * Elements as JSON. FP32 has its own shortest digits; integers up to 32 bits are printed in place; the rest (FP64 and
 * 64-bit integers) is the engine's own text. NaN and infinities are bare words, which is what Triton writes and what
 * tritonclient and Python's json read.
 */
import { MAX_FLOAT32_BYTES, writeDigits, writeFloat32 } from './float32.js';

const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const INT32_MAX = 2147483647;

/** Longest text of one element, with its comma. */
const MAX_BYTES = 26;

/** Room enough for `count` elements printed by the functions below. */
export function printedBound(count: number, single: boolean): number {
  return count * (single ? MAX_FLOAT32_BYTES + 1 : MAX_BYTES);
}

/** Writes `values[from..to)` separated by commas; answers the position behind them. */
export function printFloat32(
  out: Uint8Array,
  position: number,
  values: Float32Array,
  from: number,
  to: number,
): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let at = position;
  for (let i = from; i < to; i++) {
    if (i > from) out[at++] = COMMA;
    const value = values[i] as number;
    if (value === 0) at = writeZero(out, at, value);
    else if (value - value === 0) at = writeFloat32(out, at, value, bits[i] as number);
    else at = writeText(out, at, String(value));
  }
  return at;
}

/** As `printFloat32`, for doubles and for integers of up to 32 bits. */
export function printNumbers(
  out: Uint8Array,
  position: number,
  values: ArrayLike<number>,
  from: number,
  to: number,
): number {
  let at = position;
  for (let i = from; i < to; i++) {
    if (i > from) out[at++] = COMMA;
    const value = values[i] as number;
    if (value === 0) at = writeZero(out, at, value);
    else if (value > 0 && value <= INT32_MAX && value === (value | 0)) at = writeDigits(out, at, value);
    else if (value < 0 && value >= -INT32_MAX && value === (value | 0)) {
      out[at++] = MINUS;
      at = writeDigits(out, at, -value);
    } else at = writeText(out, at, String(value));
  }
  return at;
}

/** As `printFloat32`, for integers of 64 bits. */
export function printLongs(
  out: Uint8Array,
  position: number,
  values: BigInt64Array | BigUint64Array,
  range: readonly [from: number, to: number],
): number {
  return writeText(out, position, values.subarray(...range).join(','));
}

/** Writes ASCII. */
export function writeText(out: Uint8Array, position: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[position + i] = text.charCodeAt(i);
  return position + text.length;
}

/** The sign of a zero is part of the value. */
function writeZero(out: Uint8Array, position: number, zero: number): number {
  let at = position;
  if (1 / zero < 0) out[at++] = MINUS;
  out[at++] = ZERO;
  return at;
}
