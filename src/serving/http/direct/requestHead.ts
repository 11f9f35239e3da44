/**
 * Reads the head of a request that has nothing unusual about it. Whatever else a head may be, good or bad, is left to node:http's
 * parser: a head is read here only when every reader of HTTP/1.1 would understand the same, so that nothing can be smuggled past.
 *
 * Source: RFC 9112, 2 to 6 (message format, request line, field syntax, message body length).
 */
import type { IncomingHttpHeaders } from 'node:http';

/** A POST with a Content-Length or a GET without a body, over HTTP/1.1, on a connection that is kept. */
export interface RequestHead {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Names in lower case; each stood there once. */
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  readonly contentLength: number;
  /** Bytes of the head, the empty line included. */
  readonly length: number;
}

/** For node:http too. */
export const LONGEST_HEAD = 16_384;

const END = Buffer.from('\r\n\r\n');
const REQUEST_LINE = /^(GET|POST) (\/[\x21\x24-\x7e]*) HTTP\/1\.1\r\n/;

/** One field line: a token, a colon, a value of visible characters, spaces and tabs. The next must begin where it ends. */
const FIELD =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?)[ \t]*\r\n/y;
const LENGTH = /^\d{1,15}$/;

/** Fields that change how a message is framed or what becomes of the connection. */
const UNUSUAL = ['transfer-encoding', 'expect', 'upgrade', 'trailer', 'http2-settings'];

/** Heads that came once come again, but for those that say something new each time. */
const REMEMBERED = 256;
const NEVER_REMEMBERED = /\r\n(?:authorization|x-request-id|traceparent|tracestate|cookie):/i;

export class RequestHeads {
  readonly #remembered = new Map<string, RequestHead>();

  /** The head at the start of `bytes`; undefined when it is not whole or not plain. */
  read(bytes: Buffer): RequestHead | undefined {
    const end = bytes.indexOf(END);
    if (end < 0 || end > LONGEST_HEAD - END.length) return undefined;
    const text = bytes.toString('latin1', 0, end + 2);
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    const head = parse(text);
    if (head !== undefined && !NEVER_REMEMBERED.test(text)) this.#remember(text, head);
    return head;
  }

  #remember(text: string, head: RequestHead): void {
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(text, head);
  }
}

/** `text` is a head up to the end of its last field line. */
function parse(text: string): RequestHead | undefined {
  const line = REQUEST_LINE.exec(text);
  const method = line?.[1] === 'GET' ? 'GET' : 'POST';
  const url = line?.[2];
  if (line === null || url === undefined) return undefined;
  const headers = fields(text, line[0].length);
  if (headers === undefined || headers.host === undefined) return undefined;
  const { connection = 'keep-alive', 'content-length': contentLength = method === 'GET' ? '0' : '' } =
    headers;
  if (connection.toLowerCase() !== 'keep-alive' || !LENGTH.test(contentLength)) return undefined;
  if (method === 'GET' && contentLength !== '0') return undefined;
  if (UNUSUAL.some((name) => headers[name] !== undefined)) return undefined;
  return { method, url, headers, contentLength: Number(contentLength), length: text.length + 2 };
}

function fields(text: string, start: number): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  let at = start;
  while (at < text.length) {
    FIELD.lastIndex = at;
    const field = FIELD.exec(text);
    const [line, name, value] = field ?? [];
    if (line === undefined || name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (Object.hasOwn(headers, key)) return undefined;
    headers[key] = value;
    at += line.length;
  }
  return headers;
}
