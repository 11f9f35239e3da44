import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { parseClientFile } from '../../../src/serving/auth/clientFile.js';
import { character } from '../../support/characters.js';
import { digestOfToken } from '../../../src/serving/auth/tokenDigests.js';

const TOKEN = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';

function parse(content: unknown, name = 'trader') {
  return parseClientFile(name, typeof content === 'string' ? content : JSON.stringify(content));
}

describe("a client's file", () => {
  test('is a token, with or without the end of its line', () => {
    for (const text of [TOKEN, `${TOKEN}\n`, `  ${TOKEN}\r\n`]) {
      expect(parse(text)).toEqual({
        ok: true,
        value: {
          name: 'trader',
          digests: [digestOfToken(TOKEN)],
          models: undefined,
          limit: undefined,
          rights: [],
        },
      });
    }
  });

  test('is an object with what the client may', () => {
    const sha256 = createHash('sha256').update(OTHER).digest('hex');
    expect(
      parse({ token: TOKEN, sha256, models: ['volatility', 'fx-*'], ratePerSecond: 2.5, burst: 10 }),
    ).toEqual({
      ok: true,
      value: {
        name: 'trader',
        digests: [digestOfToken(TOKEN), digestOfToken(OTHER)],
        models: ['volatility', 'fx-*'],
        limit: { ratePerSecond: 2.5, burst: 10 },
        rights: [],
      },
    });
  });

  test('gives the rights it names, and none that there is not', () => {
    expect(parse({ token: TOKEN, rights: ['purge-cache', 'load-models'] })).toMatchObject({
      value: { rights: ['purge-cache', 'load-models'] },
    });
    for (const rights of [['admin'], 'purge-cache', [1], { 0: 'purge-cache' }]) {
      expect(parse({ token: TOKEN, rights })).toMatchObject({
        ok: false,
        error: { remedy: expect.stringMatching(/^there is purge-cache/) as unknown },
      });
    }
  });

  test('may hold several tokens, so that a client can change over, or none, for one with a certificate', () => {
    expect(parse({ token: [TOKEN, OTHER] })).toMatchObject({
      value: { digests: [digestOfToken(TOKEN), digestOfToken(OTHER)] },
    });
    expect(parse({})).toMatchObject({ ok: true, value: { digests: [] } });
  });

  test.each<[number, number]>([
    [0.1, 1],
    [1, 1],
    [2.5, 3],
  ])('allows %s a second in bursts of %s when no burst is given', (ratePerSecond, burst) => {
    expect(parse({ token: TOKEN, ratePerSecond })).toMatchObject({
      value: { limit: { ratePerSecond, burst } },
    });
  });

  test.each<[string, unknown]>([
    ['an empty file', ''],
    ['a short token', 'hunter2hunter2'],
    ['a token too long for a header', 'a'.repeat(5000)],
    ['two tokens on two lines', `${TOKEN}\n${OTHER}`],
    ['a token no header can carry', `${TOKEN}\u00e9`],
    ['broken JSON', '{"token": '],
    ['a member misspelt', { token: TOKEN, ratepersecond: 1 }],
    ['a token that is no string', { token: 7 }],
    ['more tokens than a change-over needs', { token: Array.from({ length: 9 }, (_, i) => TOKEN + i) }],
    ['a digest of another length', { sha256: 'abcd' }],
    ['a scope that is no list', { token: TOKEN, models: 'volatility' }],
    ['a model without a name', { token: TOKEN, models: [''] }],
    ['a rate of nothing', { token: TOKEN, ratePerSecond: 0 }],
    ['a rate that is no number', { token: TOKEN, ratePerSecond: '10' }],
    ['a burst without a rate', { token: TOKEN, burst: 3 }],
    ['a burst of half a request', { token: TOKEN, ratePerSecond: 1, burst: 0.5 }],
    ['a null', { token: null }],
    ['a prototype', '{"__proto__": {"token": "0123456789abcdef"}}'],
  ])('with %s is refused, and not quoted', (_what, content) => {
    const parsed = parse(content);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'InvalidClient', place: 'trader' } });
    const message = JSON.stringify(parsed);
    for (const secret of [TOKEN, OTHER, 'hunter2', 'abcd', '0123456789abcdef'])
      expect(message).not.toContain(secret);
  });

  test.each(['', 'a b', '../x', 'a\nb', 'x'.repeat(254)])('is not one of a client called %j', (name) => {
    expect(parse(TOKEN, name)).toMatchObject({ ok: false });
  });

  test('never breaks the server, whatever it holds', () => {
    const members = fc.record(
      {
        token: fc.anything(),
        sha256: fc.anything(),
        models: fc.anything(),
        ratePerSecond: fc.anything(),
        burst: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const content = fc.oneof(
      fc.string({ unit: character }),
      fc.json(),
      fc.json().map((json) => `{${json}`),
      members.map(
        (value) =>
          JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? null : member)) ??
          '',
      ),
    );
    fc.assert(
      fc.property(content, (text) => {
        const parsed = parseClientFile('trader', text);
        if (parsed.ok) for (const digest of parsed.value.digests) assert.equal(digest.length, 8);
        else assert.equal(parsed.error.code, 'InvalidClient');
      }),
      { numRuns: 2000 },
    );
  });
});
