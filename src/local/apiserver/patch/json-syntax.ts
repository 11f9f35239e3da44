/**
 * JSON text to value, with the words of Go's encoding/json where the text is not JSON: clients print them, and a
 * user who knows a real API server recognises them.
 */

export type ParsedJson = { readonly value: unknown } | { readonly error: string };

/** What Go's decoder says of a text that ends too early; json.Decoder and json.Unmarshal differ. */
export const UNEXPECTED_END = 'unexpected end of JSON input';

/** Values nested deeper than this are refused: what walks them must not run out of stack. */
const MAX_DEPTH = 1000;
export const TOO_DEEP = 'exceeded max depth';

export function parseJson(text: string): ParsedJson {
  if (isTooDeep(text)) return { error: TOO_DEEP };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { error: new SyntaxScanner(text).firstError() };
  }
}

function isTooDeep(text: string): boolean {
  if (text.length < MAX_DEPTH) return false;
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** `array`, `object`, `string`, `number`, `bool`: how encoding/json names what it found. */
export function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

class SyntaxFault extends Error {}

/** Walks a text until the first character that cannot be JSON. */
class SyntaxScanner {
  private at = 0;

  constructor(private readonly text: string) {}

  firstError(): string {
    try {
      this.value('looking for beginning of value');
      this.space();
      if (this.at < this.text.length) this.fault('after top-level value');
    } catch (error) {
      if (error instanceof SyntaxFault) return error.message;
      throw error;
    }
    return UNEXPECTED_END;
  }

  private fault(context: string): never {
    const char = this.text[this.at];
    if (char === undefined) throw new SyntaxFault(UNEXPECTED_END);
    throw new SyntaxFault(`invalid character ${quoteRune(char)} ${context}`);
  }

  private space(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at++;
  }

  private expect(char: string, context: string): void {
    if (this.text[this.at] !== char) this.fault(context);
    this.at++;
  }

  private value(context: string): void {
    this.space();
    const char = this.text[this.at] ?? '';
    if (char === '{') this.object();
    else if (char === '[') this.array();
    else if (char === '"') this.string();
    else if (char === '-' || isDigit(char)) this.number();
    else if (char === 't') this.literal('true');
    else if (char === 'f') this.literal('false');
    else if (char === 'n') this.literal('null');
    else this.fault(context);
  }

  private object(): void {
    this.at++;
    this.space();
    if (this.text[this.at] === '}') {
      this.at++;
      return;
    }
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') this.fault('looking for beginning of object key string');
      this.string();
      this.space();
      this.expect(':', 'after object key');
      this.value('looking for beginning of value');
      this.space();
      if (this.text[this.at] === '}') break;
      this.expect(',', 'after object key:value pair');
    }
    this.at++;
  }

  private array(): void {
    this.at++;
    this.space();
    if (this.text[this.at] === ']') {
      this.at++;
      return;
    }
    for (;;) {
      this.value('looking for beginning of value');
      this.space();
      if (this.text[this.at] === ']') break;
      this.expect(',', 'after array element');
    }
    this.at++;
  }

  private string(): void {
    this.at++;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined || char < ' ') this.fault('in string literal');
      this.at++;
      if (char === '"') return;
      if (char === '\\') this.escape();
    }
  }

  private escape(): void {
    const char = this.text[this.at] ?? '';
    if (char === '' || !'bfnrt\\/"u'.includes(char)) this.fault('in string escape code');
    this.at++;
    if (char !== 'u') return;
    for (let i = 0; i < 4; i++) {
      if (!/^[0-9a-fA-F]$/.test(this.text[this.at] ?? '')) this.fault('in \\u hexadecimal character escape');
      this.at++;
    }
  }

  private number(): void {
    if (this.text[this.at] === '-') this.at++;
    if (this.text[this.at] === '0') this.at++;
    else this.digits('in numeric literal');
    if (this.text[this.at] === '.') {
      this.at++;
      this.digits('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(this.text[this.at] ?? '')) {
      this.at++;
      if (/^[+-]$/.test(this.text[this.at] ?? '')) this.at++;
      this.digits('in exponent of numeric literal');
    }
  }

  private digits(context: string): void {
    if (!isDigit(this.text[this.at] ?? '')) this.fault(context);
    while (isDigit(this.text[this.at] ?? '')) this.at++;
  }

  private literal(word: string): void {
    for (const [i, char] of [...word].entries()) {
      this.expect(char, i === 0 ? '' : `in literal ${word} (expecting '${char}')`);
    }
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

/** strconv.Quote's idea of one character between single quotes. */
function quoteRune(char: string): string {
  if (char === "'") return String.raw`'\''`;
  if (char === '"') return `'"'`;
  if (/[\x7f-\xa0\xad]/.test(char)) return `'\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
