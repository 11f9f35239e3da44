/**
 * The quick way through an array of numbers: those without an exponent, of the usual length, with nothing but a comma and
 * perhaps a space between them. Nearly all numbers of nearly all requests are such.
 *
 * It reads words: an Int32 of four little-endian bytes, each XORed with '0', so that a digit is its value (Lemire,
 * "Quickly parsing eight digits", 2018). In a word
 *
 *     mark  = ((word + PAST_NINE) | word) & HIGH_BITS      is 0 for four digits, and else has as its lowest bit the
 *                                                          high bit of the first byte that is none,
 *     count = (31 - Math.clz32(mark & -mark)) >> 3         is how many digits come before that byte, and
 *     next  = (word >>> (count << 3)) & 0xff               is the byte.
 *
 * Written out wherever they are needed, since a call that is inlined still checks what it calls: a fifth of the time.
 * No object is made for a number: a double that a function returns without being inlined is one, and 150,528 of them are
 * a garbage collection.
 */
import type { JsonCursor } from './cursor.js';
import { decimalToDouble, EXACT_POWERS, nearest } from './decimal.js';

/** Bytes behind a number's first that may be read before it is known where the number ends. */
const REACH = 24;

/**
 * Numbers that one call reads at most. Newer engines (Node 24) compile a function that is called often better than one that is
 * called once and stays: a third of the time.
 */
export const MOST_AT_ONCE = 256;

/**
 * Reads numbers into `out` from `from` on, up to the first that is not of the usual form, or through the closing bracket:
 * then that is the byte before the cursor. Answers the index behind the last one read. With `single`, `out` holds FP32.
 */
export function scanNumbers(
  cursor: JsonCursor,
  out: Float32Array | Float64Array,
  from: number,
  single: boolean,
): number {
  // The constants are its own: a bundler makes variables of a module's, which take a quarter longer.
  const FOUR_ZEROS = 0x30303030;
  const PAST_NINE = 0x76767676;
  const HIGH_BITS = 0x80808080;
  const SPACE = 0x10;
  const COMMA = 0x1c;
  const MINUS = 0x1d;
  const DOT = 0x1e;
  const CLOSE_BRACKET = 0x6d;
  const ZERO_AND_DOT = 0x1e00;
  const EXACT_DIGITS = 15;
  const powers = EXACT_POWERS;
  const { bytes, view } = cursor;
  const last = view.byteLength - REACH;
  let position = cursor.position;
  let index = from;
  const end = Math.min(out.length, from + MOST_AT_ONCE);
  while (index < end && position <= last) {
    let at = position;
    let word = view.getInt32(at, true) ^ FOUR_ZEROS;
    if ((word & 0xff) === SPACE) word = view.getInt32(++at, true) ^ FOUR_ZEROS;
    // Signs are as hard to guess as lengths: no branch depends on them. 1 for a minus, else 0.
    const sign = (((word & 0xff) ^ MINUS) - 1) >>> 31;
    at += sign;
    word = view.getInt32(at, true) ^ FOUR_ZEROS;
    let value = 0;
    let whole = 0;
    let next = DOT;
    if ((word & 0xffff) === ZERO_AND_DOT) at++;
    else {
      const first = at;
      const leadingZero = (word & 0xff) === 0;
      let mark = ((word + PAST_NINE) | word) & HIGH_BITS;
      while (mark === 0 && at <= first + 4) {
        value = value * 10000 + fourDigits(word);
        at += 4;
        word = view.getInt32(at, true) ^ FOUR_ZEROS;
        mark = ((word + PAST_NINE) | word) & HIGH_BITS;
      }
      if (mark === 0) break;
      const count = (31 - Math.clz32(mark & -mark)) >> 3;
      at += count;
      whole = at - first;
      if (whole === 0 || (leadingZero && whole > 1)) break;
      value = value * (powers[count] as number) + firstDigits(word, count);
      next = (word >>> (count << 3)) & 0xff;
    }
    if (next === DOT) {
      const dot = ++at;
      word = view.getInt32(at, true) ^ FOUR_ZEROS;
      let mark = ((word + PAST_NINE) | word) & HIGH_BITS;
      // Three times the same: a loop takes a fifth longer.
      if (mark === 0) {
        value = value * 10000 + fourDigits(word);
        at += 4;
        word = view.getInt32(at, true) ^ FOUR_ZEROS;
        mark = ((word + PAST_NINE) | word) & HIGH_BITS;
      }
      if (mark === 0 && whole <= EXACT_DIGITS - 8) {
        value = value * 10000 + fourDigits(word);
        at += 4;
        word = view.getInt32(at, true) ^ FOUR_ZEROS;
        mark = ((word + PAST_NINE) | word) & HIGH_BITS;
      }
      if (mark === 0 && whole <= EXACT_DIGITS - 12) {
        value = value * 10000 + fourDigits(word);
        at += 4;
        word = view.getInt32(at, true) ^ FOUR_ZEROS;
        mark = ((word + PAST_NINE) | word) & HIGH_BITS;
      }
      const taken = at - dot;
      const count = (31 - Math.clz32(mark & -mark)) >> 3;
      if (mark !== 0 && whole + taken + count <= EXACT_DIGITS) {
        at += count;
        if (at === dot) break;
        const digits = value * (powers[count] as number) + firstDigits(word, count);
        value = digits / (powers[at - dot] as number);
        next = (word >>> (count << 3)) & 0xff;
      } else {
        let tail = at;
        let decided: boolean;
        while (mark === 0 && tail <= last) {
          tail += 4;
          word = view.getInt32(tail, true) ^ FOUR_ZEROS;
          mark = ((word + PAST_NINE) | word) & HIGH_BITS;
        }
        if (mark === 0) break;
        const left = (31 - Math.clz32(mark & -mark)) >> 3;
        tail += left;
        next = (word >>> (left << 3)) & 0xff;
        if (single) {
          // Whatever the digits that are left say, the number lies between these two.
          const power = powers[taken] as number;
          const greatest = Math.fround((value + 1) / power);
          value = Math.fround(value / power);
          decided = value === greatest;
        } else {
          decided =
            tail - at <= 9 && decimalToDouble(value, digitsBetween(bytes, at, tail), tail - at, dot - tail);
          value = nearest[0] as number;
        }
        if (!decided) break;
        at = tail;
      }
    }
    if (next !== COMMA && next !== CLOSE_BRACKET) break;
    out[index++] = (1 - 2 * sign) * value;
    position = at + 1;
    if (next === CLOSE_BRACKET) break;
  }
  cursor.position = position;
  return index;
}

/** The number that at most nine digits make. */
function digitsBetween(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = (Math.imul(value, 10) + ((bytes[at] as number) ^ 0x30)) | 0;
  return value;
}

/** The number that the four digits of a word make. */
function fourDigits(word: number): number {
  const pairs = (Math.imul(word, 2561) >>> 8) & 0x00ff00ff; // 2561 = 10 * 2^8 + 1
  return Math.imul(pairs, 6553601) >>> 16; // 6553601 = 100 * 2^16 + 1
}

/** The number that the first `count` digits of a word make: 0 to 3 of them. */
function firstDigits(word: number, count: number): number {
  // Two shifts, since one by 32 bits is none.
  return fourDigits((word << 8) << (24 - (count << 3)));
}
