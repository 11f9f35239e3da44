/**
 * The shortest decimal that reads back as the same FP32, directly or by way of a double (as every client's parser
 * does): 0.1, where printing the widened double gives 0.10000000149011612.
 *
 * A value is scaled to nine digits before the point. Doubles carry 29 more bits than FP32, so the scaled value and
 * the ends of its rounding interval are known to well below MARGIN, and any decimal between the narrowed ends is safe.
 */

/** Longest text of one value: sign and 21 digits, below 1e21. */
export const MAX_FLOAT32_BYTES = 22;

const NINE_DIGITS = 1e9;
const MARGIN = 1e-6;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const LETTER_E = 0x65;
const MIN_POWER = -30;
const MAX_POWER = 54;

const POWER = Float64Array.from({ length: MAX_POWER - MIN_POWER + 1 }, (_, i) =>
  Number(`1e${i + MIN_POWER}`),
);
/** By biased exponent: the power of ten that takes 2^exponent to nine digits, and half of the distance to the next value. */
const SCALE = Int32Array.from(
  { length: 255 },
  (_, e) => 8 - Math.floor(Math.log10(2 ** (Math.max(e, 1) - 127))),
);
const HALF_GAP = Float64Array.from({ length: 255 }, (_, e) => 2 ** (Math.max(e, 1) - 151));

/** Writes a finite value other than zero, given with its bit pattern; answers the position behind it. */
export function writeFloat32(out: Uint8Array, position: number, value: number, bits: number): number {
  let at = position;
  let magnitude = value;
  if (value < 0) {
    out[at++] = MINUS;
    magnitude = -value;
  }
  if (magnitude === (magnitude | 0)) return writeDigits(out, at, magnitude);
  const exponent = (bits >>> 23) & 0xff;
  let scale = SCALE[exponent] as number;
  // Subnormals are far below the power of two that the table assumes.
  if (exponent === 0)
    while (magnitude * (POWER[scale + 1 - MIN_POWER] as number) < NINE_DIGITS && scale < MAX_POWER - 1)
      scale++;
  let factor = POWER[scale - MIN_POWER] as number;
  if (magnitude * factor >= NINE_DIGITS) factor = POWER[--scale - MIN_POWER] as number;
  const scaled = magnitude * factor;
  const gap = (HALF_GAP[exponent] as number) * factor;
  // Below a power of two the values lie twice as close.
  const least = scaled - ((bits & 0x7fffff) === 0 && exponent > 1 ? gap / 2 : gap) + MARGIN;
  const greatest = scaled + gap - MARGIN;
  let unit = 1;
  let digits = Math.floor(greatest) | 0;
  for (let fewer = (digits / 10) | 0; fewer * unit * 10 >= least; fewer = (digits / 10) | 0) {
    if (fewer === 0) break;
    digits = fewer;
    unit *= 10;
    scale--;
  }
  const nearest = Math.round(scaled / unit) | 0;
  if (nearest * unit >= least && nearest * unit <= greatest) digits = nearest;
  return writeDecimal(out, at, digits, -scale);
}

/** Writes `digits * 10^exponent` as the engine prints numbers: plain from 1e-6 up to 1e21, else with an exponent. */
function writeDecimal(out: Uint8Array, position: number, digits: number, exponent: number): number {
  const length = digitsOf(digits);
  const point = length + exponent;
  if (exponent >= 0 && point <= 21) {
    let at = writeDigits(out, position, digits);
    for (let i = 0; i < exponent; i++) out[at++] = ZERO;
    return at;
  }
  if (point > -6 && point <= 21) {
    if (point > 0) {
      const end = writeDigits(out, position + 1, digits);
      out.copyWithin(position, position + 1, position + 1 + point);
      out[position + point] = DOT;
      return end;
    }
    let at = position;
    out[at++] = ZERO;
    out[at++] = DOT;
    for (let i = point; i < 0; i++) out[at++] = ZERO;
    return writeDigits(out, at, digits);
  }
  let at = position;
  if (length === 1) out[at++] = ZERO + digits;
  else {
    at = writeDigits(out, position + 1, digits);
    out[position] = out[position + 1] as number;
    out[position + 1] = DOT;
  }
  out[at++] = LETTER_E;
  const power = point - 1;
  out[at++] = power < 0 ? MINUS : 0x2b;
  return writeDigits(out, at, power < 0 ? -power : power);
}

/** Writes a whole number from 0 to 2^31 - 1. */
export function writeDigits(out: Uint8Array, position: number, value: number): number {
  const end = position + digitsOf(value);
  let rest = value | 0;
  for (let at = end - 1; at >= position; at--) {
    const quotient = (rest / 10) | 0;
    out[at] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  return end;
}

function digitsOf(value: number): number {
  if (value < 100000) {
    if (value < 100) return value < 10 ? 1 : 2;
    if (value < 1000) return 3;
    return value < 10000 ? 4 : 5;
  }
  if (value < 10000000) return value < 1000000 ? 6 : 7;
  if (value < 100000000) return 8;
  return value < 1000000000 ? 9 : 10;
}
