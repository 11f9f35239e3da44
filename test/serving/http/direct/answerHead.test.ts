import { describe, expect, it } from '@jest/globals';
import { AnswerHeads } from '../../../../src/serving/http/direct/answerHead.js';

const NOON = Date.UTC(2026, 10, 23, 12, 0, 0);

describe('the head of an answer', () => {
  it('has the status, the fields, the date and how long the connection is kept', () => {
    const heads = new AnswerHeads({ now: () => NOON, keepAliveSeconds: 75 });
    expect(heads.text(200, ['Content-Length', '2', 'X-Request-Id', 'a'], true)).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Request-Id: a\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n' +
        'Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n',
    );
  });

  it('does not promise a connection that is closed', () => {
    const heads = new AnswerHeads({ now: () => NOON, keepAliveSeconds: 75 });
    const head = heads.text(503, ['Connection', 'close'], false);
    expect(head).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\nConnection: close\r\nDate: /);
    expect(head).not.toContain('eep-');
  });

  it('has the date of its own second', () => {
    let now = NOON;
    const heads = new AnswerHeads({ now: () => now, keepAliveSeconds: 75 });
    const date = () => /Date: .* (\S+) GMT/.exec(heads.text(200, [], true))?.[1];
    expect(date()).toBe('12:00:00');
    now += 999;
    expect(date()).toBe('12:00:00');
    now += 1;
    expect(date()).toBe('12:00:01');
  });
});
