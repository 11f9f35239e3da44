/**
 * Elements as JSON, separated by commas. FP32 has its own shortest digits, integers of up to 32 bits are printed in
 * place, and the rest is the engine's own text.
 */
import type { Buffer } from 'node:buffer';
import { MAX_FLOAT32_BYTES, writeDigits, writeFloat32 } from './float32.js';

/**
 * JSON has no NaN and no infinities. `words` writes them bare (`NaN`, `-Infinity`), as Triton does and as tritonclient
 * and Python's json read them; `null` is for clients that read nothing but strict JSON.
 */
export type NonFinite = 'words' | 'null';

const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
/** Doubles are handed to the engine in groups: a large text at once costs more than several small ones. */
const GROUP = 512;
const MAX_BYTES = 26;

/** Room enough for `count` elements printed by the functions below. */
export function printedBound(count: number, single: boolean): number {
  return count * (single ? MAX_FLOAT32_BYTES + 1 : MAX_BYTES);
}

/** Writes `values` at `position`, where there must be room; answers the position behind them. */
export function printFloat32(
  out: Buffer,
  position: number,
  values: Float32Array,
  nonFinite: NonFinite,
): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let at = position;
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out[at++] = COMMA;
    const value = values[i] as number;
    if (value === 0) at = writeZero(out, at, value);
    else if (value - value === 0) at = writeFloat32(out, at, value, bits[i] as number);
    else at = writeText(out, at, nonFinite === 'null' ? 'null' : String(value));
  }
  return at;
}

/** As `printFloat32`, for doubles. */
export function printFloat64(
  out: Buffer,
  position: number,
  values: Float64Array,
  nonFinite: NonFinite,
): number {
  let at = position;
  for (let start = 0; start < values.length; start += GROUP) {
    if (start > 0) out[at++] = COMMA;
    const group = values.subarray(start, start + GROUP);
    if (group.every(isCommon)) at += out.write(JSON.stringify(Array.from(group)).slice(1, -1), at, 'latin1');
    else at = printUncommon(out, at, group, nonFinite);
  }
  return at;
}

/** Neither NaN nor infinite nor -0, which the engine's JSON turns into something else. */
function isCommon(value: number): boolean {
  return value - value === 0 && (value !== 0 || 1 / value > 0);
}

function printUncommon(out: Buffer, position: number, values: Float64Array, nonFinite: NonFinite): number {
  let at = position;
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out[at++] = COMMA;
    const value = values[i] as number;
    if (value === 0) at = writeZero(out, at, value);
    else at = writeText(out, at, value - value !== 0 && nonFinite === 'null' ? 'null' : String(value));
  }
  return at;
}

/** As `printFloat32`, for integers of up to 32 bits. */
export function printIntegers(out: Buffer, position: number, values: ArrayLike<number>): number {
  let at = position;
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out[at++] = COMMA;
    let value = values[i] as number;
    if (value < 0) {
      out[at++] = MINUS;
      value = -value;
    }
    if (value === (value | 0)) at = writeDigits(out, at, value);
    else at = writeText(out, at, String(value));
  }
  return at;
}

/** As `printFloat32`, for integers of 64 bits. */
export function printLongs(out: Buffer, position: number, values: BigInt64Array | BigUint64Array): number {
  return position + out.write(values.join(','), position, 'latin1');
}

/** Writes ASCII. */
export function writeText(out: Buffer, position: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[position + i] = text.charCodeAt(i);
  return position + text.length;
}

/** The sign of a zero is part of the value. */
function writeZero(out: Buffer, position: number, zero: number): number {
  let at = position;
  if (1 / zero < 0) out[at++] = MINUS;
  out[at++] = ZERO;
  return at;
}
