/** JSON into one growing buffer, so that a large tensor is never a JavaScript string. */
import { Buffer, isUtf8 } from 'node:buffer';
import { refuse } from '../refusal.js';
import { elementCount } from '../shape.js';
import type { Tensor } from '../tensor.js';
import {
  type NonFinite,
  printedBound,
  printFloat32,
  printFloat64,
  printIntegers,
  printLongs,
  writeText,
} from './printNumbers.js';

/** From here on a call into the engine costs less than writing character by character. */
const SHORT = 24;

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonWriter {
  readonly #nonFinite: NonFinite;
  #out: Buffer;
  #at = 0;

  /** `expected`: bytes the document will roughly have. */
  constructor(expected: number, nonFinite: NonFinite) {
    this.#out = Buffer.allocUnsafe(expected);
    this.#nonFinite = nonFinite;
  }

  /** Writes ASCII text as it is. */
  raw(text: string): void {
    this.#reserve(text.length);
    if (text.length < SHORT) this.#at = writeText(this.#out, this.#at, text);
    else this.#at += this.#out.write(text, this.#at, 'latin1');
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
    const whole = from === 0 && to === data.length;
    if (data instanceof Float32Array) {
      this.#reserve(printedBound(to - from, true));
      const part = whole ? data : data.subarray(from, to);
      this.#at = printFloat32(this.#out, this.#at, part, this.#nonFinite);
    } else if (tensor.datatype === 'BOOL') this.#booleans(data as Uint8Array, from, to);
    else if (Array.isArray(data)) this.#byteStrings(tensor, from, to);
    else {
      this.#reserve(printedBound(to - from, false));
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
        this.#at = printLongs(this.#out, this.#at, data.subarray(from, to));
      } else if (data instanceof Float64Array) {
        this.#at = printFloat64(this.#out, this.#at, data.subarray(from, to), this.#nonFinite);
      } else this.#at = printIntegers(this.#out, this.#at, (data as Int32Array).subarray(from, to));
    }
  }

  /** Writes the part of a tensor that begins at element `offset` and has the dimensions from `axis` on, nested. */
  nested(tensor: Tensor, axis: number, offset: number): void {
    const { shape } = tensor;
    if (axis === shape.length) {
      this.elements(tensor, offset, offset + 1);
      return;
    }
    const size = shape[axis] as number;
    this.raw('[');
    if (axis === shape.length - 1) this.elements(tensor, offset, offset + size);
    else {
      const step = elementCount(shape.slice(axis + 1)) ?? 0;
      for (let i = 0; i < size; i++) {
        if (i > 0) this.raw(',');
        this.nested(tensor, axis + 1, offset + i * step);
      }
    }
    this.raw(']');
  }

  /** What has been written. */
  finish(): Buffer {
    return this.#out.subarray(0, this.#at);
  }

  #booleans(data: Uint8Array, from: number, to: number): void {
    this.#reserve(printedBound(to - from, false));
    for (let i = from; i < to; i++) {
      if (i > from) this.#out[this.#at++] = COMMA;
      this.#at = writeText(this.#out, this.#at, data[i] === 0 ? 'false' : 'true');
    }
  }

  #byteStrings(tensor: Tensor, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const bytes = tensor.data[i] as Uint8Array;
      if (!isUtf8(bytes)) {
        refuse(`the output "${tensor.name}" has bytes that are no UTF-8 text: ask for it with binary_data`);
      }
      if (i > from) this.raw(',');
      if (needsEscape(bytes)) {
        this.value(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
        continue;
      }
      this.#reserve(bytes.byteLength + 2);
      this.#out[this.#at++] = QUOTE;
      this.#out.set(bytes, this.#at);
      this.#at += bytes.byteLength;
      this.#out[this.#at++] = QUOTE;
    }
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
