/** Arrays of JSON integers with 64 bits, exact: a double has 53. */
import { CLOSE_BRACKET, COMMA, type JsonCursor, MINUS, NINE, ZERO } from './cursor.js';

const TWO_32 = 4294967296;
const INTEGER = /^-?(?:0|[1-9][0-9]{0,19})$/;
const LIMITS = {
  INT64: { least: -(2n ** 63n), greatest: 2n ** 63n - 1n },
  UINT64: { least: 0n, greatest: 2n ** 64n - 1n },
} as const;

/**
 * As `readNumbers`, into elements of 64 bits. Integers out of range are refused; so are fractions and exponents, which
 * exact integers have no use for, unless the value is a whole number that doubles hold exactly (`1.0`, `1e3`).
 */
export function readLongs(
  cursor: JsonCursor,
  out: BigInt64Array | BigUint64Array,
  offset: number,
  datatype: 'INT64' | 'UINT64',
): number {
  if (cursor.peek() === CLOSE_BRACKET) {
    cursor.position++;
    return 0;
  }
  // Two words an element, the low one first: storing through them makes no BigInt.
  const words = new Int32Array(out.buffer, out.byteOffset, out.length * 2);
  for (let index = offset; index < out.length; index++) {
    cursor.peek();
    const value = readSafeInteger(cursor, datatype === 'INT64');
    if (value === undefined) out[index] = readLong(cursor, datatype);
    else {
      words[2 * index] = value;
      words[2 * index + 1] = Math.floor(value / TWO_32);
    }
    if (cursor.closesArray()) return index - offset + 1;
  }
  return out.length - offset + 1;
}

/** An integer of at most 15 digits; undefined, with the cursor unmoved, for everything else. */
function readSafeInteger(cursor: JsonCursor, signed: boolean): number | undefined {
  const bytes = cursor.bytes;
  let position = cursor.position;
  const negative = signed && bytes[position] === MINUS;
  if (negative) position++;
  const first = position;
  let value = 0;
  let byte = bytes[position] as number;
  while (byte >= ZERO && byte <= NINE) {
    value = value * 10 + (byte - ZERO);
    byte = bytes[++position] as number;
  }
  const digits = position - first;
  const ends = byte === COMMA || byte === CLOSE_BRACKET || byte <= 0x20;
  if (!ends || digits === 0 || digits > 15 || (digits > 1 && bytes[first] === ZERO)) return undefined;
  cursor.position = position;
  return negative ? -value : value;
}

function readLong(cursor: JsonCursor, datatype: 'INT64' | 'UINT64'): bigint {
  const start = cursor.position;
  const text = cursor.numberText();
  let value: bigint;
  if (INTEGER.test(text)) value = BigInt(text);
  else {
    cursor.position = start;
    const number = cursor.readNumber();
    if (!Number.isSafeInteger(number))
      cursor.reject(`${text.slice(0, 40)} is no integer within the range of ${datatype}`, start);
    value = BigInt(number);
  }
  const { least, greatest } = LIMITS[datatype];
  if (value < least || value > greatest)
    cursor.reject(`${text.slice(0, 40)} is no integer within the range of ${datatype}`, start);
  return value;
}
