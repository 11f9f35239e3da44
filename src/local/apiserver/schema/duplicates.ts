/** Fields that stand twice in a JSON text: JSON.parse keeps the last and says nothing. */

/** The paths of duplicate fields in document order, each once. `text` must be JSON that parses. */
export function duplicateFields(text: string): string[] {
  return new DuplicateScan(text).run();
}

interface Frame {
  /** Path of the object or array itself. */
  readonly path: string;
  /** Field names seen so far; undefined in an array. */
  readonly names: Set<string> | undefined;
  index: number;
}

class DuplicateScan {
  readonly #text: string;
  readonly #found = new Set<string>();
  readonly #frames: Frame[] = [];
  #at = 0;
  /** Path of the value that comes next. */
  #path = '';

  constructor(text: string) {
    this.#text = text;
  }

  run(): string[] {
    while (this.#at < this.#text.length) this.#step(this.#text.charAt(this.#at));
    return [...this.#found];
  }

  #step(c: string): void {
    const frame = this.#frames.at(-1);
    if (c === '"') {
      this.#string(frame);
      return;
    }
    this.#at++;
    if (c === '{') this.#frames.push({ path: this.#path, names: new Set(), index: 0 });
    else if (c === '[') this.#open();
    else if (c === '}' || c === ']') this.#frames.pop();
    else if (c === ',' && frame !== undefined && frame.names === undefined) {
      frame.index++;
      this.#path = `${frame.path}[${frame.index}]`;
    }
  }

  #open(): void {
    this.#frames.push({ path: this.#path, names: undefined, index: 0 });
    this.#path = `${this.#path}[0]`;
  }

  #string(frame: Frame | undefined): void {
    const start = this.#at++;
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== '"') {
      this.#at += this.#text.charAt(this.#at) === '\\' ? 2 : 1;
    }
    this.#at++;
    const end = this.#at;
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    if (frame?.names === undefined || this.#text.charAt(this.#at) !== ':') return;
    const name = JSON.parse(this.#text.slice(start, end)) as string;
    this.#path = frame.path === '' ? name : `${frame.path}.${name}`;
    if (frame.names.has(name)) this.#found.add(this.#path);
    frame.names.add(name);
  }
}
