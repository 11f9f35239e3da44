import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatProblem } from '../../../src/base/index.js';
import { parseRedisUrl, type RedisTarget } from '../../../src/serving/cache/index.js';

const nobody = { username: undefined, password: undefined };

function parsed(url: string): RedisTarget {
  const target = parseRedisUrl(url, '--redis');
  if (!target.ok) throw new Error(formatProblem(target.error));
  return target.value;
}

describe('the URL of a Redis', () => {
  it.each<[string, Partial<RedisTarget>]>([
    [
      'redis://localhost',
      { kind: 'single', tls: false, address: { host: 'localhost', port: 6379 }, database: 0, ...nobody },
    ],
    ['redis://cache:7000/3', { kind: 'single', address: { host: 'cache', port: 7000 }, database: 3 }],
    ['redis://cache/', { kind: 'single', database: 0 }],
    ['  redis://cache\n', { kind: 'single', address: { host: 'cache', port: 6379 } }],
    ['rediss://[::1]:7000', { kind: 'single', tls: true, address: { host: '::1', port: 7000 } }],
    ['REDIS://Cache', { kind: 'single', address: { host: 'Cache', port: 6379 } }],
    ['redis://:secret@cache', { username: undefined, password: 'secret' }],
    ['redis://user:secret@cache', { username: 'user', password: 'secret' }],
    ['redis://us%65r:p%40ss%2Fw:rd%25@cache', { username: 'user', password: 'p@ss/w:rd%' }],
    [
      'redis+sentinel://one,two:5000,[fe80::1]:6000/models/2',
      {
        kind: 'sentinel',
        tls: false,
        sentinels: [
          { host: 'one', port: 26379 },
          { host: 'two', port: 5000 },
          { host: 'fe80::1', port: 6000 },
        ],
        service: 'models',
        database: 2,
        sentinelLogin: nobody,
      },
    ],
    [
      'rediss+sentinel://user:secret@one/models?sentinel_username=watch&sentinel_password=m%26e',
      {
        tls: true,
        username: 'user',
        password: 'secret',
        sentinelLogin: { username: 'watch', password: 'm&e' },
      },
    ],
    [
      'rediss+cluster://:secret@a,b:7000',
      {
        kind: 'cluster',
        tls: true,
        password: 'secret',
        nodes: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 7000 },
        ],
      },
    ],
  ])('%j is understood', (url, expected) => {
    expect(parsed(url)).toMatchObject(expected);
  });

  it.each([
    ['', 'scheme'],
    ['localhost:6379', 'scheme'],
    ['http://cache', 'scheme'],
    ['redis+magic://cache', 'scheme'],
    ['redis://', 'host 1'],
    ['redis://cache:0', 'host 1'],
    ['redis://cache:70000', 'host 1'],
    ['redis://cache:port', 'host 1'],
    ['redis://ca che', 'host 1'],
    ['redis://a,b', 'several hosts'],
    ['redis://cache/x', 'database'],
    ['redis://cache/1/2', 'database'],
    ['redis://cache/99999', 'database'],
    ['redis://cache?db=1', 'parameters'],
    ['redis://user@cache', 'no password'],
    ['redis://user:@cache', 'password is empty'],
    ['redis://:p@ss@cache', 'percent-encoded'],
    ['redis://:p%zz@cache', 'percent sign'],
    ['redis://:p#ss@cache', 'percent-encoded'],
    ['redis+sentinel://one', 'name of the master'],
    ['redis+sentinel://one,/models', 'host 2'],
    ['redis+sentinel://one/models?db=1', 'parameters'],
    ['redis+cluster://a,b/1', 'no databases'],
    [`redis+cluster://${'a,'.repeat(100)}b`, 'more than 64'],
  ])('%j is refused, with a reason and the forms there are', (url, reason) => {
    const target = parseRedisUrl(url, '--redis');
    expect(target).toMatchObject({
      ok: false,
      error: { code: 'InvalidRedisUrl', place: '--redis', message: expect.stringContaining(reason) },
    });
    expect(!target.ok && target.error.remedy).toContain('redis+sentinel://');
  });

  it('any user and password come through, percent-encoded', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (username, password) => {
        const url = `redis://${encodeURIComponent(username)}:${encodeURIComponent(password)}@cache`;
        expect(parsed(url)).toMatchObject({ username, password });
      }),
      { seed: 7 },
    );
  });

  it('no problem says anything of a password', () => {
    const secret = 'hunter2hunter2';
    const around = fc.string({
      unit: fc.constantFrom('@', ':', '/', '%', ',', '?', '#', '[', ' ', 'a', '1'),
      maxLength: 12,
    });
    const scheme = fc.constantFrom(
      'redis://',
      'rediss://',
      'redis+sentinel://',
      'redis+cluster://',
      'http://',
      '',
    );
    fc.assert(
      fc.property(scheme, around, around, (start, before, after) => {
        const target = parseRedisUrl(`${start}${before}${secret}${after}`, '--redis');
        if (!target.ok) expect(formatProblem(target.error)).not.toContain(secret);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
