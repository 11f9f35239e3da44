import { describe, expect, it } from '@jest/globals';
import { LONGEST_HEAD, RequestHeads } from '../../../../src/serving/http/direct/requestHead.js';

const PLAIN = ['POST /v2/models/m/infer HTTP/1.1', 'Host: x', 'Content-Length: 12'];

const text = (lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const read = (head: string, heads = new RequestHeads()) => heads.read(Buffer.from(head, 'latin1'));

describe('the head of a plain request', () => {
  it('is read with its target, its fields and the length of its body', () => {
    const head = text([
      ...PLAIN,
      'Content-Type:application/json',
      'X-Some-Thing:  a, b  ',
      'Connection: Keep-Alive',
    ]);
    expect(read(`${head}body`)).toEqual({
      method: 'POST',
      url: '/v2/models/m/infer',
      headers: {
        host: 'x',
        'content-length': '12',
        'content-type': 'application/json',
        'x-some-thing': 'a, b',
        connection: 'Keep-Alive',
      },
      contentLength: 12,
      length: head.length,
    });
  });

  it('is that of a GET, which has no body', () => {
    const plain = read(text(['GET /v2/health/ready HTTP/1.1', 'Host: x']));
    expect(plain).toMatchObject({ method: 'GET', url: '/v2/health/ready', contentLength: 0 });
    expect(read(text(['GET / HTTP/1.1', 'Host: x', 'Content-Length: 0']))).toMatchObject({ method: 'GET' });
  });

  it('is the same when it comes again', () => {
    const heads = new RequestHeads();
    const first = read(text(PLAIN), heads);
    expect(read(text(PLAIN), heads)).toBe(first);
  });

  it('is forgotten when it names its caller or the request', () => {
    for (const field of [
      'Authorization: Bearer t',
      'X-Request-Id: 1',
      'traceparent: 00-1-2-01',
      'Cookie: a=b',
    ]) {
      const heads = new RequestHeads();
      const first = read(text([...PLAIN, field]), heads);
      expect(first).toBeDefined();
      expect(read(text([...PLAIN, field]), heads)).not.toBe(first);
    }
  });

  it('is not mixed up with others however many there are', () => {
    const heads = new RequestHeads();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 1000; i++) {
        expect(
          read(text(['POST /p HTTP/1.1', 'Host: x', `Content-Length: ${i}`]), heads)?.contentLength,
        ).toBe(i);
      }
    }
  });
});

describe('a head that node:http has to judge', () => {
  it.each([
    ['is not whole', PLAIN.join('\r\n')],
    ['is of another method', text(['PUT /v2/models/m/infer HTTP/1.1', 'Host: x', 'Content-Length: 0'])],
    ['is of a GET with a body', text(['GET /v2/health/live HTTP/1.1', 'Host: x', 'Content-Length: 1'])],
    ['is of another version', text(['POST / HTTP/1.0', 'Host: x', 'Content-Length: 0'])],
    ['has an absolute target', text(['POST http://x/ HTTP/1.1', 'Host: x', 'Content-Length: 0'])],
    ['has a fragment in its target', text(['POST /a#b HTTP/1.1', 'Host: x', 'Content-Length: 0'])],
    ['has two spaces in its request line', text(['POST  / HTTP/1.1', 'Host: x', 'Content-Length: 0'])],
    ['names no host', text(['POST / HTTP/1.1', 'Content-Length: 0'])],
    ['says no length', text(['POST / HTTP/1.1', 'Host: x'])],
    ['says its length twice', text([...PLAIN, 'Content-Length: 12'])],
    ['says its length in two ways', text([...PLAIN, 'content-length: 13'])],
    ['says two lengths in one field', text(['POST / HTTP/1.1', 'Host: x', 'Content-Length: 1, 1'])],
    ['says a length with a sign', text(['POST / HTTP/1.1', 'Host: x', 'Content-Length: +1'])],
    ['says a length in hexadecimal', text(['POST / HTTP/1.1', 'Host: x', 'Content-Length: 0x1'])],
    [
      'says a length beyond all numbers',
      text(['POST / HTTP/1.1', 'Host: x', `Content-Length: ${'9'.repeat(20)}`]),
    ],
    ['is chunked', text([...PLAIN, 'Transfer-Encoding: chunked'])],
    ['expects to be told to go on', text([...PLAIN, 'Expect: 100-continue'])],
    ['asks for another protocol', text([...PLAIN, 'Upgrade: h2c'])],
    ['asks for the connection to be closed', text([...PLAIN, 'Connection: close'])],
    ['lists more than one wish for the connection', text([...PLAIN, 'Connection: keep-alive, x'])],
    ['has a field twice', text([...PLAIN, 'X: 1', 'x: 2'])],
    ['has a space before a colon', text([...PLAIN, 'X : 1'])],
    ['has a folded field', text([...PLAIN, 'X: 1', ' 2'])],
    ['has an empty field', text([...PLAIN, 'X:'])],
    ['has a field without a name', text([...PLAIN, ': 1'])],
    ['has a line without a colon', text([...PLAIN, 'nonsense'])],
    ['has a NUL in a field', text([...PLAIN, 'X: a\0b'])],
    ['has a bare line feed', text([...PLAIN, 'X: a\nY: b'])],
    ['has a bare carriage return', text([...PLAIN, 'X: a\rY: b'])],
    ['is too long', text([...PLAIN, `X: ${'a'.repeat(LONGEST_HEAD)}`])],
  ])('because it %s is left to it', (_why, head) => {
    expect(read(head)).toBeUndefined();
  });
});
