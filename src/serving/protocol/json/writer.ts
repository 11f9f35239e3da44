/** JSON into one growing buffer, so that a large tensor is never a JavaScript string. */
import { Buffer, isUtf8 } from 'node:buffer';
import { refuse } from '../refusal.js';
import type { Tensor } from '../tensor.js';
import { printedBound, printFloat32, printLongs, printNumbers, writeText } from './printNumbers.js';

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonWriter {
  #out: Buffer;
  #at = 0;

  /** `expected`: bytes the document will roughly have. */
  constructor(expected: number) {
    this.#out = Buffer.allocUnsafe(expected);
  }

  /** Writes ASCII text as it is. */
  raw(text: string): void {
    this.#reserve(text.length);
    this.#at = writeText(this.#out, this.#at, text);
  }

  /** Writes any JSON value that `JSON.stringify` can print. */
  value(value: unknown): void {
    const text = JSON.stringify(value);
    this.#reserve(text.length * 3);
    this.#at += this.#out.write(text, this.#at, 'utf8');
  }

  /** Writes the elements from `from` up to `to`, separated by commas. */
  elements(tensor: Tensor, from: number, to: number): void {
    const { data } = tensor;
    if (data instanceof Float32Array) {
      this.#reserve(printedBound(to - from, true));
      this.#at = printFloat32(this.#out, this.#at, data, from, to);
    } else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      this.#reserve(printedBound(to - from, false));
      this.#at = printLongs(this.#out, this.#at, data, [from, to]);
    } else if (tensor.datatype === 'BOOL') {
      for (let i = from; i < to; i++) this.raw(`${i > from ? ',' : ''}${data[i] === 0 ? 'false' : 'true'}`);
    } else if (Array.isArray(data)) {
      for (let i = from; i < to; i++) this.#byteString(tensor, i, i > from);
    } else {
      this.#reserve(printedBound(to - from, false));
      this.#at = printNumbers(this.#out, this.#at, data as Float64Array, from, to);
    }
  }

  /** What has been written. */
  finish(): Buffer {
    return this.#out.subarray(0, this.#at);
  }

  #byteString(tensor: Tensor, index: number, separate: boolean): void {
    const bytes = tensor.data[index] as Uint8Array;
    if (!isUtf8(bytes)) {
      refuse(
        `the output "${tensor.name}" has bytes that are no UTF-8 text: ask for it with binary_data`,
        'outputs',
      );
    }
    this.#reserve(bytes.byteLength + 3);
    const out = this.#out;
    if (separate) out[this.#at++] = COMMA;
    if (needsEscape(bytes)) {
      this.value(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
      return;
    }
    out[this.#at++] = QUOTE;
    out.set(bytes, this.#at);
    this.#at += bytes.byteLength;
    out[this.#at++] = QUOTE;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#out.length * 2));
    this.#out.copy(larger, 0, 0, this.#at);
    this.#out = larger;
  }
}

function needsEscape(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte < 0x20 || byte === QUOTE || byte === BACKSLASH);
}
