/** The head of an answer as text. Source: RFC 9112, 4 (status line); RFC 9110, 6.6.1 (Date) and 7.6.1 (Connection). */
import { STATUS_CODES } from 'node:http';

export interface AnswerHeadOptions {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** How long an idle connection is kept, in seconds. */
  readonly keepAliveSeconds: number;
}

export class AnswerHeads {
  readonly #now: () => number;
  readonly #kept: string;
  readonly #statusLines = new Map<number, string>();
  #second = 0;
  #date = '';

  constructor({ now, keepAliveSeconds }: AnswerHeadOptions) {
    this.#now = now;
    this.#kept = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`;
  }

  /** `headers` are names and values in turn; unless they say what becomes of the connection, it is kept. */
  text(status: number, headers: readonly string[], kept: boolean): string {
    let head = this.#statusLine(status);
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    return `${head}${this.#dateLine()}${kept ? this.#kept : ''}\r\n`;
  }

  #statusLine(status: number): string {
    let line = this.#statusLines.get(status);
    if (line === undefined) {
      line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
      this.#statusLines.set(status, line);
    }
    return line;
  }

  /** Made once a second. */
  #dateLine(): string {
    const now = this.#now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = `Date: ${new Date(now).toUTCString()}\r\n`;
    }
    return this.#date;
  }
}
