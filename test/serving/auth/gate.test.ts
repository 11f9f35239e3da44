import { fail, problem, type Result } from '../../../src/base/index.js';
import { type ClientEntry, parseClientFile } from '../../../src/serving/auth/clientFile.js';
import { ClientList } from '../../../src/serving/auth/clientList.js';
import { Gate, refusalFor } from '../../../src/serving/auth/gate.js';
import { VirtualClock } from '../../support/virtualClock.js';

const ALICE = 'alice-0123456789abcdef';
const BOB = 'bob-0123456789abcdefgh';
const clock = new VirtualClock();

function filesOf(files: Readonly<Record<string, unknown>>): Map<string, Result<ClientEntry>> {
  return new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      parseClientFile(name, typeof content === 'string' ? content : JSON.stringify(content)),
    ]),
  );
}

function listOf(files: Readonly<Record<string, unknown>>, before = ClientList.EMPTY) {
  return before.next(filesOf(files), { clock });
}

function gateOf(files: Readonly<Record<string, unknown>>): Gate {
  const { list } = listOf(files);
  return new Gate(() => list);
}

const shown = (authorization?: string, ...certificateNames: string[]) => ({
  authorization,
  certificateNames,
});
const nameOf = (gate: Gate, ...args: Parameters<typeof shown>) => {
  const admission = gate.admitNow(shown(...args));
  return admission?.refusal?.code ?? admission?.client?.name;
};

describe('the gate', () => {
  const gate = gateOf({ alice: ALICE, bob: { token: BOB, models: ['fx-*'] }, node: {} });

  test.each<[string, string | undefined]>([
    [`Bearer ${ALICE}`, 'alice'],
    [`bearer   ${BOB}`, 'bob'],
    [`Bearer ${ALICE}x`, 'Unauthenticated'],
    [`Bearer ${ALICE.toUpperCase()}`, 'Unauthenticated'],
    [`Basic ${ALICE}`, 'Unauthenticated'],
    [ALICE, 'Unauthenticated'],
    ['Bearer', 'Unauthenticated'],
    ['Bearer ', 'Unauthenticated'],
    ['', 'Unauthenticated'],
    [`Bearer ${'x'.repeat(10_000)}`, 'Unauthenticated'],
  ])('knows a client by its token alone: %s', (authorization, expected) => {
    expect(nameOf(gate, authorization)).toBe(expected);
  });

  test('wants something to be shown', () => {
    expect(nameOf(gate)).toBe('Unauthenticated');
  });

  test('knows a client by a name in its certificate', () => {
    expect(nameOf(gate, undefined, 'other.example', 'node')).toBe('node');
    expect(nameOf(gate, undefined, 'other.example')).toBe('PermissionDenied');
  });

  test('lets no certificate make up for a wrong token', () => {
    expect(nameOf(gate, 'Bearer wrong-0123456789abcdef', 'node')).toBe('Unauthenticated');
  });

  test('takes every verified certificate, and no token, where there are no clients', () => {
    const open = new Gate();
    expect(nameOf(open, undefined, 'node.example', 'second')).toBe('node.example');
    expect(nameOf(open, `Bearer ${ALICE}`)).toBe('Unauthenticated');
  });

  test('never says what was shown', () => {
    expect(JSON.stringify(gate.admit(shown('Bearer wrong-0123456789abcdef')))).not.toContain('wrong-');
  });

  test('keeps a client to its models', () => {
    const bob = gate.admitNow(shown(`Bearer ${BOB}`))?.client;
    const alice = gate.admitNow(shown(`Bearer ${ALICE}`))?.client;
    expect([bob?.name, alice?.name]).toEqual(['bob', 'alice']);
    expect(refusalFor(bob, 'fx-1')).toBeUndefined();
    expect(refusalFor(bob, 'volatility')).toMatchObject({ code: 'PermissionDenied' });
    expect(refusalFor(alice, 'volatility')).toBeUndefined();
    expect(refusalFor(undefined, 'volatility')).toBeUndefined();
  });

  test('does not count what it cannot decide at once', () => {
    const limited = gateOf({ bob: { token: BOB, models: ['fx-*'], ratePerSecond: 0.5, burst: 1 } });
    expect(limited.admitNow(shown(`Bearer ${BOB}`), 'volatility')).toBeUndefined();
    expect(limited.admitNow(shown(`Bearer ${BOB}`), 'fx-1')).toMatchObject({ refusal: undefined });
    expect(limited.admitNow(shown(`Bearer ${BOB}`), 'fx-1')).toMatchObject({
      refusal: { code: 'RateLimited' },
    });
  });

  test('tells a client that asks too often when to come back, and no other client', () => {
    const limited = gateOf({ alice: { token: ALICE, ratePerSecond: 0.5, burst: 2 }, bob: BOB });
    expect(nameOf(limited, `Bearer ${ALICE}`)).toBe('alice');
    expect(nameOf(limited, `Bearer ${ALICE}`)).toBe('alice');
    expect(limited.admit(shown(`Bearer ${ALICE}`))).toMatchObject({
      client: { name: 'alice' },
      refusal: { code: 'RateLimited', retryAfterSeconds: 2 },
    });
    expect(nameOf(limited, `Bearer ${BOB}`)).toBe('bob');
  });
});

describe('the next list of clients', () => {
  test('keeps a client whose file is broken as it was, and forgets one whose file is gone', () => {
    const before = listOf({ alice: ALICE, bob: BOB }).list;
    const { list, problems } = listOf({ alice: '{"token":' }, before);
    expect(list.byToken(ALICE)?.name).toBe('alice');
    expect(list.byToken(BOB)).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'InvalidClient', place: 'alice' }]);
  });

  test('keeps a client whose file cannot be read', () => {
    const before = listOf({ alice: ALICE }).list;
    const { list } = before.next(new Map([['alice', fail(problem('InvalidClient', 'alice', 'EACCES'))]]), {
      clock,
    });
    expect(list.byToken(ALICE)?.name).toBe('alice');
  });

  test('leaves out a broken client that it never knew', () => {
    const { list, problems } = listOf({ alice: 'short', bob: BOB });
    expect([list.size, problems.length]).toEqual([1, 1]);
  });

  test('gives no token to two clients', () => {
    const { list, problems } = listOf({ alice: ALICE, mallory: { token: [BOB, ALICE] }, zoe: BOB });
    expect(list.byToken(ALICE)?.name).toBe('alice');
    expect(list.byToken(BOB)?.name).toBe('zoe');
    expect(problems).toMatchObject([{ place: 'mallory', message: 'has the same token as alice' }]);
  });

  test("does not refill a client's limit when its token changes, but takes over another limit", () => {
    const limited = (token: string, burst: number) => ({ alice: { token, ratePerSecond: 0.001, burst } });
    const before = listOf(limited(ALICE, 1)).list;
    expect(before.byName('alice')?.takeTurn()).toBe(0);
    const rotated = listOf(limited(BOB, 1), before).list;
    expect(rotated.byToken(BOB)?.takeTurn()).toBeGreaterThan(0);
    expect(listOf(limited(BOB, 2), rotated).list.byName('alice')?.takeTurn()).toBe(0);
  });
});
