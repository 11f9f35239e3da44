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
  const leastWhole = Math.ceil(least) | 0;
  let unit = 1;
  let digits = greatest | 0;
  let fewer = (digits / 10) | 0;
  while (fewer !== 0 && fewer * unit * 10 >= leastWhole) {
    digits = fewer;
    unit = Math.imul(unit, 10);
    scale--;
    fewer = (digits / 10) | 0;
  }
  const nearest = (scaled / unit + 0.5) | 0;
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
  if (exponent < 0 && point > -6) {
    const unit = POWER[-exponent - MIN_POWER] as number;
    const whole = (digits / unit) | 0;
    const dot = writeDigits(out, position, whole);
    out[dot] = DOT;
    return writePadded(out, dot + 1, digits - whole * unit, -exponent);
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
  return writePadded(out, position, value, digitsOf(value));
}

/** As `writeDigits`, with zeros in front up to `width` digits in all. */
function writePadded(out: Uint8Array, position: number, value: number, width: number): number {
  let rest = value | 0;
  let at = position + width;
  // By twos: each division waits for the one before it.
  while (at - position >= 2) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    const tens = (pair * 103) >> 10;
    out[--at] = ZERO + (pair - tens * 10);
    out[--at] = ZERO + tens;
    rest = quotient;
  }
  if (at > position) out[position] = ZERO + rest;
  return position + width;
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
