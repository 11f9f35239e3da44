/**
 * A strict JSON reader (RFC 8259) over UTF-8 bytes. It builds no tree: the caller walks the document and takes what it
 * wants, so that a tensor's numbers go straight into its typed array.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import { refuse } from '../refusal.js';
import { intern } from './intern.js';

/** Deeper documents are refused: no request needs it, and a recursive reader would run out of stack. */
export const MAX_DEPTH = 64;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const NINE = 0x39;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export class JsonCursor {
  readonly bytes: Uint8Array;
  /** The next byte to read. */
  position = 0;
  /** What is being read (`inputs[0].data`), for errors. */
  place = '';
  #depth = 0;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The same bytes, for reading several at once. */
  get view(): DataView {
    if (this.#view !== undefined) return this.#view;
    const { buffer, byteOffset, byteLength } = this.bytes;
    return (this.#view = new DataView(buffer, byteOffset, byteLength));
  }

  /** Refuses the document at the current byte, or at `position`. */
  fail(expected: string, position = this.position): never {
    const byte = this.bytes[position];
    if (byte === undefined) {
      refuse(`malformed JSON: it ends at byte ${position}, where ${expected} is expected`, this.place);
    }
    const found =
      byte > SPACE && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte 0x${byte.toString(16)}`;
    refuse(`malformed JSON at byte ${position}: expected ${expected}, found ${found}`, this.place);
  }

  /** Refuses a value that is good JSON, and not one that can be taken. */
  reject(message: string, position: number): never {
    refuse(`${message} (at byte ${position})`, this.place);
  }

  /** Skips white space; the byte that follows, or -1 at the end. */
  peek(): number {
    const bytes = this.bytes;
    let position = this.position;
    while (position < bytes.length) {
      const byte = bytes[position] as number;
      if (byte > SPACE || (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.position = position;
        return byte;
      }
      position++;
    }
    this.position = position;
    return -1;
  }

  /** Takes `byte` after any white space. */
  expect(byte: number, name: string): void {
    if (this.peek() !== byte) this.fail(name);
    this.position++;
  }

  /** Nothing but white space may be left. */
  expectEnd(): void {
    if (this.peek() !== -1) this.fail('the end of the document');
  }

  /** Calls `member` with each key of an object, the cursor at its value, which `member` must consume. */
  readObject(member: (key: string) => void): void {
    this.expect(OPEN_BRACE, 'an object');
    this.#enter();
    if (this.peek() === CLOSE_BRACE) this.position++;
    else {
      for (;;) {
        if (this.peek() !== QUOTE) this.fail('a key in double quotes');
        const key = this.readString();
        this.expect(COLON, "':'");
        member(key);
        const next = this.peek();
        this.position++;
        if (next === CLOSE_BRACE) break;
        if (next !== COMMA) this.fail("',' or '}'", this.position - 1);
      }
    }
    this.#depth--;
  }

  /** Calls `element` with each index of an array, the cursor at the element, which `element` must consume. */
  readArray(element: (index: number) => void): void {
    this.expect(OPEN_BRACKET, 'an array');
    this.#enter();
    if (this.peek() === CLOSE_BRACKET) this.position++;
    else {
      let index = 0;
      do element(index++);
      while (!this.closesArray());
    }
    this.#depth--;
  }

  /** Takes what follows an element of an array: false for a comma, true for the closing bracket. */
  closesArray(): boolean {
    const next = this.peek();
    if (next !== COMMA && next !== CLOSE_BRACKET) this.fail("',' or ']'");
    this.position++;
    return next === CLOSE_BRACKET;
  }

  /** The text of a string. Refuses invalid UTF-8, control characters and lone surrogates. */
  readString(): string {
    const start = this.position + 1;
    const plain = this.#scanString();
    const end = this.position - 1;
    if (plain && end - start <= 32) return intern(this.bytes, start, end);
    const bytes = this.#slice(start, end);
    if (plain) return bytes.toString('latin1');
    return this.#unescape(bytes, start);
  }

  /** The UTF-8 bytes of a string's text: a view of the document where nothing is escaped. */
  readStringBytes(): Uint8Array {
    const start = this.position + 1;
    this.#scanString();
    const bytes = this.bytes.subarray(start, this.position - 1);
    if (!bytes.includes(BACKSLASH)) {
      if (!isUtf8(bytes)) this.fail('valid UTF-8', start);
      return bytes;
    }
    return Buffer.from(this.#unescape(this.#slice(start, this.position - 1), start), 'utf8');
  }

  /** A finite number as the engine's own parser reads it. */
  readNumber(): number {
    const start = this.position;
    const text = this.numberText();
    if (!NUMBER.test(text)) this.fail('a number', start);
    const value = Number(text);
    if (!Number.isFinite(value)) this.reject('a number is out of the range of FP64', start);
    return value;
  }

  /** The longest run of characters that numbers are made of, unchecked. */
  numberText(): string {
    const start = this.position;
    const bytes = this.bytes;
    let position = start;
    while (position < bytes.length && isNumberByte(bytes[position] as number)) position++;
    this.position = position;
    return this.#slice(start, position).toString('latin1');
  }

  /** Takes `literal` (`true`, `NaN`) when it comes next. */
  take(literal: string): boolean {
    const { bytes, position } = this;
    for (let i = 0; i < literal.length; i++) {
      if (bytes[position + i] !== literal.charCodeAt(i)) return false;
    }
    this.position = position + literal.length;
    return true;
  }

  /** Takes any value and forgets it, checking its syntax. */
  skipValue(): void {
    const next = this.peek();
    if (next === OPEN_BRACE) this.readObject(() => this.skipValue());
    else if (next === OPEN_BRACKET) this.readArray(() => this.skipValue());
    else this.readScalar();
  }

  /** A string, number, boolean or null. */
  readScalar(): string | number | boolean | null {
    const next = this.peek();
    if (next === QUOTE) return this.readString();
    if (next === MINUS || (next >= ZERO && next <= NINE)) return this.readNumber();
    if (this.take('true')) return true;
    if (this.take('false')) return false;
    if (this.take('null')) return null;
    return this.fail('a value');
  }

  /** A value as the engine's own parser would make it, except that keys may not repeat. */
  readValue(): JsonValue {
    const next = this.peek();
    if (next === OPEN_BRACKET) {
      const elements: JsonValue[] = [];
      this.readArray(() => elements.push(this.readValue()));
      return elements;
    }
    if (next !== OPEN_BRACE) return this.readScalar();
    // No prototype: a key may be __proto__.
    const members = Object.create(null) as Record<string, JsonValue>;
    this.readObject((key) => {
      if (key in members) this.reject(`the key "${key}" is given twice`, this.position);
      members[key] = this.readValue();
    });
    return members;
  }

  /**
   * Passes over an array or object by its brackets and strings alone, to come back to it: whoever reads it then checks
   * the rest. Scalars are read.
   */
  passValue(): void {
    const next = this.peek();
    if (next !== OPEN_BRACKET && next !== OPEN_BRACE) {
      if (!this.take('NaN') && !this.take('Infinity') && !this.take('-Infinity')) this.readScalar();
      return;
    }
    let depth = 0;
    for (;;) {
      const byte = this.bytes[this.position];
      if (byte === undefined) this.fail('a closing bracket');
      if (byte === QUOTE) {
        this.#scanString();
        continue;
      }
      this.position++;
      if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
        depth++;
        if (depth > MAX_DEPTH) this.#tooDeep();
      } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
        depth--;
        if (depth === 0) return;
      }
    }
  }

  #enter(): void {
    this.#depth++;
    if (this.#depth > MAX_DEPTH) this.#tooDeep();
  }

  #tooDeep(): never {
    refuse(`the JSON nests deeper than ${MAX_DEPTH} levels at byte ${this.position}`, this.place);
  }

  /** Moves past a string; true when it is ASCII without escapes. */
  #scanString(): boolean {
    if (this.bytes[this.position] !== QUOTE) this.fail('a string');
    const bytes = this.bytes;
    let plain = true;
    for (let position = this.position + 1; position < bytes.length; position++) {
      const byte = bytes[position] as number;
      if (byte === QUOTE) {
        this.position = position + 1;
        return plain;
      }
      if (byte < SPACE) this.fail('a string without raw control characters', position);
      if (byte === BACKSLASH) {
        plain = false;
        position++;
      } else if (byte > 0x7f) plain = false;
    }
    this.position = bytes.length;
    return this.fail('the end of a string');
  }

  #unescape(bytes: Buffer, start: number): string {
    if (!isUtf8(bytes)) this.fail('valid UTF-8', start);
    const text = bytes.toString('utf8');
    if (!text.includes('\\')) return text;
    let value: string;
    try {
      value = JSON.parse(`"${text}"`) as string;
    } catch {
      return this.fail('a string with valid escapes', start);
    }
    if (LONE_SURROGATE.test(value)) this.fail('a string without lone surrogates', start);
    return value;
  }

  #slice(start: number, end: number): Buffer {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start);
  }
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= ZERO && byte <= NINE) ||
    byte === MINUS ||
    byte === 0x2b ||
    byte === 0x2e ||
    (byte | 0x20) === 0x65
  );
}
