/**
 * Reads Protocol Buffers' wire format in place: what is not asked for is passed over, and nothing is made of bytes but
 * views of them. Source: protobuf.dev, "Encoding".
 */

/** The bytes are no message of the type they are read as. It never leaves this folder but for `readInferRequest`. */
export class MalformedMessage extends Error {}

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;

const MAX_FIELD = 2 ** 29;
const MAX_VARINT_BYTES = 10;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class WireReader {
  /** Of the field that `next` came to. */
  field = 0;
  wireType = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** Goes to the next field; false at the end. Its value is to be read, or skipped. */
  next(): boolean {
    if (this.done) return false;
    const tag = this.uint32();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0 || this.field >= MAX_FIELD) throw new MalformedMessage();
    return true;
  }

  /** Whether the field is `field`; its wire type must then be `wireType`. */
  is(field: number, wireType: number): boolean {
    if (this.field !== field) return false;
    if (this.wireType !== wireType) throw new MalformedMessage();
    return true;
  }

  /** A varint's lower 32 bits, unsigned. */
  uint32(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#byte();
      if (i < 5) value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedMessage();
  }

  /** A varint's 64 bits, unsigned. */
  uint64(): bigint {
    // Three parts of at most 28 bits, each exact as a number: a BigInt for every byte would cost ten times as much.
    const parts = [0, 0, 0];
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#byte();
      const part = i >> 2;
      parts[part] = (parts[part] ?? 0) | ((byte & 0x7f) << (7 * (i & 3)));
      if (byte < 0x80) break;
      if (i === MAX_VARINT_BYTES - 1) throw new MalformedMessage();
    }
    const [low = 0, middle = 0, high = 0] = parts;
    const lower = low + middle * 2 ** 28;
    if (high === 0 && lower <= Number.MAX_SAFE_INTEGER) return BigInt(lower);
    return BigInt.asUintN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low));
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view of what is length-delimited. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    try {
      return utf8.decode(this.bytes());
    } catch {
      throw new MalformedMessage();
    }
  }

  skip(): void {
    if (this.wireType === VARINT) this.uint32();
    else if (this.wireType === FIXED64) this.#take(8);
    else if (this.wireType === LENGTH_DELIMITED) this.bytes();
    else if (this.wireType === FIXED32) this.#take(4);
    // Groups are of proto2.
    else throw new MalformedMessage();
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new MalformedMessage();
    return byte;
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length) throw new MalformedMessage();
    this.#position = start + length;
    return start;
  }
}
