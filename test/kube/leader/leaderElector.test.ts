import { seededRandom, silentLogger, sleep } from '../../../src/base/index.js';
import { createClient, createLeaderElector } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { LeaseServer } from './leaseServer.js';

const TIMES = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

function candidate(identity: string, server: LeaseServer, clock: VirtualClock) {
  const transport = server.transport();
  const history: string[] = [];
  const stop = new AbortController();
  const elector = createLeaderElector({
    ...TIMES,
    client: createClient({ transport, fieldManager: identity, clock }),
    namespace: 'system',
    name: 'operator',
    identity,
    clock,
    random: seededRandom(identity.length),
    logger: silentLogger,
  });
  const run = (work: (signal: AbortSignal) => Promise<void> | void = () => undefined) =>
    elector.run(
      {
        onStarted(signal) {
          history.push('started');
          signal.addEventListener('abort', () => history.push('aborted'));
          return work(signal);
        },
        onStopped: () => history.push('stopped'),
      },
      stop.signal,
    );
  return { transport, elector, history, stop, run };
}

describe('a leader elector', () => {
  it('takes a lease that nobody has, and keeps it', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 1));
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    void a.run();
    await clock.advance(60_000);
    expect([a.elector.isLeader(), a.history]).toEqual([true, ['started']]);
    expect(server.lease?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:01:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('needs one request for a renewal', async () => {
    const clock = new VirtualClock();
    const a = candidate('a', new LeaseServer(), clock);
    void a.run();
    await clock.advance(20_000);
    expect(a.transport.requests.map((request) => request.method)).toEqual([
      'GET',
      'POST',
      ...Array.from({ length: 10 }, () => 'PUT'),
    ]);
  });

  it('waits while another one leads, and takes over when it has been silent for the whole lease', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const [a, b] = [candidate('a', server, clock), candidate('b', server, clock)];
    void a.run();
    await clock.advance(1_000);
    void b.run();
    await clock.advance(60_000);
    expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([true, false]);
    a.transport.script = () => {
      throw new Error('connect ECONNREFUSED');
    };
    await clock.advance(10_000);
    expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([false, false]);
    await clock.advance(10_000);
    expect([b.elector.isLeader(), server.lease?.spec?.leaseTransitions]).toEqual([true, 1]);
    expect(a.history).toEqual(['started', 'aborted', 'stopped']);
  });

  it('stops at the renew deadline even when requests hang', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    void a.run();
    await clock.settle();
    a.transport.script = () => new Promise(() => undefined);
    await clock.advance(9_999);
    expect(a.elector.isLeader()).toBe(true);
    await clock.advance(1);
    expect([a.elector.isLeader(), a.history]).toEqual([false, ['started', 'aborted', 'stopped']]);
  });

  it('survives one request that hangs', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    void a.run();
    await clock.settle();
    let hung = false;
    a.transport.script = (request) => {
      if (hung) return server.answer(request);
      hung = true;
      return new Promise(() => undefined);
    };
    await clock.advance(60_000);
    expect([a.elector.isLeader(), a.history]).toEqual([true, ['started']]);
  });

  it('ends its term as soon as it sees the lease with another', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    void a.run();
    await clock.settle();
    const { lease } = server;
    if (lease === undefined) throw new Error('no lease');
    const metadata = { ...lease.metadata, resourceVersion: '77' };
    server.lease = { ...lease, metadata, spec: { ...lease.spec, holderIdentity: 'usurper' } };
    await clock.advance(4_000);
    expect(a.history).toEqual(['started', 'aborted', 'stopped']);
  });

  it('keeps its term when somebody only labels the lease', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    void a.run();
    await clock.settle();
    const { lease } = server;
    if (lease === undefined) throw new Error('no lease');
    server.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: '77', labels: { a: 'b' } } };
    await clock.advance(30_000);
    expect([a.history, server.lease.metadata.labels]).toEqual([['started'], { a: 'b' }]);
  });

  it('gives the lease back when it is asked to stop, but not before its work has ended', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    const running = a.run(async (signal) => {
      await sleep(clock, 1_000_000, signal);
      await sleep(clock, 3_000);
    });
    await clock.advance(5_000);
    a.stop.abort();
    await clock.advance(2_999);
    expect(server.lease?.spec?.holderIdentity).toBe('a');
    await clock.advance(1);
    await running;
    expect(server.lease?.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(server.lease?.spec?.holderIdentity).toBeUndefined();
    const b = candidate('b', server, clock);
    void b.run();
    await clock.settle();
    expect([b.elector.isLeader(), server.lease?.spec?.leaseTransitions]).toEqual([true, 1]);
  });

  it('leads again after a lost term, but not before the work of the old one has ended', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    let working = 0;
    let most = 0;
    void a.run(async (signal) => {
      most = Math.max(most, ++working);
      await sleep(clock, 1_000_000, signal);
      await sleep(clock, 30_000);
      working -= 1;
    });
    await clock.settle();
    a.transport.script = () => {
      throw new Error('read ECONNRESET');
    };
    await clock.advance(20_000);
    a.transport.script = (request) => server.answer(request);
    await clock.advance(40_000);
    expect([a.history.filter((what) => what === 'started').length, most]).toEqual([2, 1]);
  });

  it('lets others lead when its own work fails', async () => {
    const clock = new VirtualClock();
    const server = new LeaseServer();
    const a = candidate('a', server, clock);
    void a.run(() => Promise.reject(new Error('cannot work')));
    await clock.settle();
    expect([a.elector.isLeader(), server.lease?.spec?.holderIdentity]).toEqual([false, undefined]);
  });

  it('is not misled by wall clocks that jump or differ', async () => {
    const server = new LeaseServer();
    const clock = new VirtualClock();
    const [a, b] = [candidate('a', server, clock), candidate('b', server, clock)];
    void a.run();
    await clock.advance(1_000);
    void b.run();
    for (const jump of [86_400_000, -172_800_000, 3_600_000]) {
      clock.jumpWall(jump);
      await clock.advance(30_000);
      expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([true, false]);
    }
  });

  it.each([
    [{ leaseDurationMs: 10_000 }, 'leaseDurationMs'],
    [{ leaseDurationMs: 15_500 }, 'leaseDurationMs'],
    [{ retryPeriodMs: 9_000 }, 'renewDeadlineMs'],
  ])('refuses times that cannot hold: %j', (times, place) => {
    const clock = new VirtualClock();
    const client = createClient({ transport: new LeaseServer().transport(), fieldManager: 'a', clock });
    const rest = { namespace: 'n', name: 'n', identity: 'a', random: seededRandom(1), logger: silentLogger };
    expect(() => createLeaderElector({ ...TIMES, ...times, ...rest, client, clock })).toThrow(place);
  });
});
