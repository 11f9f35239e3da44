import fc from 'fast-check';
import { type Random, seededRandom, silentLogger, sleep } from '../../../src/base/index.js';
import { createClient, createLeaderElector } from '../../../src/kube/index.js';
import { VirtualClock } from '../../support/virtualClock.js';
import { LeaseServer } from './leaseServer.js';

const NAMES = ['a', 'b', 'c'];
const TIMES = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

type Weather = 'clear' | 'refused' | 'answers lost' | 'slow' | 'silent' | 'stop' | 'start';

interface Replica {
  weather: Weather;
  stop: AbortController;
  work: () => void;
}

const turn = fc.record({
  who: fc.nat({ max: NAMES.length - 1 }),
  what: fc.constantFrom<Weather>('clear', 'refused', 'answers lost', 'slow', 'silent', 'stop', 'start'),
  thenMs: fc.constantFrom(0, 500, 3_000, 9_000, 12_000, 40_000),
});

describe('leader election among replicas on a bad network', () => {
  it('never has two leaders, and has one when the network is good', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 25 }), fc.nat(), async (turns, seed) => {
        const clock = new VirtualClock();
        const random = seededRandom(seed);
        const server = new LeaseServer();
        const leading = new Set<string>();
        const overlaps: string[][] = [];
        const replicas = NAMES.map((name) =>
          startReplica(name, { clock, random, server, leading, overlaps }),
        );
        for (const { who, what, thenMs } of turns) {
          const replica = replicas[who];
          if (replica !== undefined) change(replica, what);
          await clock.advance(thenMs);
        }
        for (const replica of replicas) change(replica, 'start');
        await clock.advance(60_000);
        expect(leading.size).toBe(1);
        for (const replica of replicas) replica.stop.abort();
        await clock.advance(60_000);
        expect([leading.size, clock.pending]).toEqual([0, 0]);
        expect(overlaps).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

function change(replica: Replica, what: Weather): void {
  if (what === 'stop') replica.stop.abort();
  else if (what === 'start') {
    replica.weather = 'clear';
    if (replica.stop.signal.aborted) replica.work();
  } else replica.weather = what;
}

interface World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly server: LeaseServer;
  readonly leading: Set<string>;
  /** Each set of replicas that led at the same time. */
  readonly overlaps: string[][];
}

function startReplica(name: string, { clock, random, server, leading, overlaps }: World): Replica {
  const replica: Replica = { weather: 'clear', stop: new AbortController(), work: () => undefined };
  const transport = server.transport();
  transport.script = async (request) => {
    const { weather } = replica;
    if (weather === 'refused') throw new Error('connect ECONNREFUSED');
    if (weather === 'silent') return new Promise(() => undefined);
    if (weather === 'slow') await sleep(clock, random.next() * 8_000);
    const answer = server.answer(request);
    if (weather === 'answers lost') throw new Error('read ECONNRESET');
    if (weather === 'slow') await sleep(clock, random.next() * 8_000);
    return answer;
  };
  let lives = 0;
  replica.work = () => {
    replica.stop = new AbortController();
    const life = `${name}-${++lives}`;
    const client = createClient({ transport, fieldManager: name, clock });
    const elector = createLeaderElector({
      ...TIMES,
      client,
      clock,
      random,
      namespace: 'system',
      name: 'operator',
      identity: life,
      logger: silentLogger,
    });
    const onStarted = async (signal: AbortSignal) => {
      leading.add(life);
      if (leading.size > 1) overlaps.push([...leading]);
      await sleep(clock, 100_000_000, signal);
      // Work takes a while to end; less than the lease outlives the renew deadline.
      await sleep(clock, random.next() * 4_000);
      leading.delete(life);
    };
    void elector.run({ onStarted, onStopped: () => undefined }, replica.stop.signal);
  };
  replica.work();
  return replica;
}
