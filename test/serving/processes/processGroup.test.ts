import { createServer, type Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { seededRandom, silentLogger } from '../../../src/base/index.js';
import { Member } from '../../../src/serving/processes/member.js';
import type {
  DrainLimits,
  Line,
  Message,
  PodProcess,
  Question,
} from '../../../src/serving/processes/messages.js';
import { type MemberProcess, ProcessGroup } from '../../../src/serving/processes/processGroup.js';
import { VirtualClock } from '../../support/virtualClock.js';

const STATISTICS: Question = { what: 'statistics', model: 'm', version: '1' };
const LIMITS: DrainLimits = { lingerMs: 0, graceMs: 5_000 };

/** A server that answers every question with its name. */
class FakeServer implements PodProcess {
  readonly name: string;
  drained = false;
  ask: ((question: Question) => Promise<readonly unknown[]>) | undefined;
  /** Whether it answers and drains at all. */
  hangs = false;

  constructor(name: string) {
    this.name = name;
  }

  answer(): Promise<unknown> {
    return this.hangs ? new Promise(() => {}) : Promise.resolve(this.name);
  }

  joinPod(ask: (question: Question) => Promise<readonly unknown[]>): void {
    this.ask = ask;
  }

  drain(): Promise<void> {
    if (this.hangs) return new Promise(() => {});
    this.drained = true;
    return Promise.resolve();
  }
}

/** A process in this one: its line, and a real member at the other end. */
class FakeProcess implements MemberProcess {
  readonly pid: number;
  readonly server: FakeServer;
  readonly joined: string[] = [];
  killed = false;
  readonly #clock: VirtualClock;
  readonly #toFirst: ((message: Message, socket: Server | undefined) => void)[] = [];
  readonly #toMember: ((message: Message, socket: Server | undefined) => void)[] = [];
  readonly #onExit: ((how: string) => void)[] = [];
  #alive = true;

  constructor(pid: number, clock: VirtualClock) {
    this.pid = pid;
    this.#clock = clock;
    this.server = new FakeServer(`member ${pid}`);
  }

  send(message: Message, socket?: Server): void {
    if (this.#alive) queueMicrotask(() => this.#toMember.forEach((listener) => listener(message, socket)));
  }

  onMessage(listener: (message: Message, socket: Server | undefined) => void): void {
    this.#toFirst.push(listener);
  }

  onExit(listener: (how: string) => void): void {
    this.#onExit.push(listener);
  }

  kill(): void {
    this.killed = true;
    this.exit('SIGKILL');
  }

  exit(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onExit.forEach((listener) => listener(how));
  }

  /** What a process does once its models are loaded. */
  load(): void {
    const line: Line = {
      send: (message) => {
        if (this.#alive)
          queueMicrotask(() => this.#toFirst.forEach((listener) => listener(message, undefined)));
      },
      onMessage: (listener) => void this.#toMember.push(listener),
    };
    const member = new Member(line);
    for (const [port, socket] of Object.entries(member.sockets))
      void socket.then(() => this.joined.push(port));
    void member
      .serve(this.server, { clock: this.#clock, logger: silentLogger })
      .then(() => this.exit('exit code 0'));
  }
}

function pod(others = 2) {
  const clock = new VirtualClock();
  const processes: FakeProcess[] = [];
  const first = new FakeServer('first');
  const group = new ProcessGroup({
    first,
    others,
    spawn: () => {
      const process = new FakeProcess(processes.length + 1, clock);
      processes.push(process);
      return process;
    },
    sockets: new Map([['http', createServer()]]),
    clock,
    random: seededRandom(1),
    logger: silentLogger,
  });
  const loadAll = async () => {
    for (const process of processes) process.load();
    await clock.settle();
  };
  return { clock, processes, first, group, loadAll };
}

describe('the processes of a pod', () => {
  it('are given the sockets when they have their models, not before', async () => {
    const { clock, processes, group } = pod(2);
    await clock.settle();
    expect(processes.map(({ joined }) => joined)).toEqual([[], []]);
    expect(group.ready).toBe(0);
    processes[1]?.load();
    await clock.settle();
    expect(processes.map(({ joined }) => joined)).toEqual([[], ['http']]);
    expect(group.ready).toBe(1);
  });

  it('answer together, whichever of them is asked', async () => {
    const { processes, first, loadAll } = pod(2);
    await loadAll();
    const all = ['first', 'member 1', 'member 2'];
    expect(await first.ask?.(STATISTICS)).toEqual(all);
    expect(await processes[1]?.server.ask?.(STATISTICS)).toEqual(all);
  });

  it('answer without the one that hangs, dies or has not loaded', async () => {
    const { clock, processes, group } = pod(3);
    processes[0]?.load();
    processes[1]?.load();
    await clock.settle();
    const [hanging, dying] = processes;
    if (hanging !== undefined) hanging.server.hangs = true;
    if (dying !== undefined) dying.server.hangs = true;
    const asked = group.ask(STATISTICS);
    await clock.settle();
    dying?.exit('SIGSEGV');
    await clock.advance(2_001);
    expect(await asked).toEqual(['first']);
  });

  it('are replaced when they die, later and later while they die young', async () => {
    const { clock, processes } = pod(1);
    const births: number[] = [];
    for (let death = 0; death < 6; death++) {
      births.push(clock.monotonic());
      processes.at(-1)?.exit('exit code 1');
      await clock.advanceUntil(() => processes.length === death + 2);
    }
    const waits = births.slice(1).map((at, i) => at - (births[i] ?? 0));
    // Half of each delay is chance: doubling shows over two.
    for (let i = 2; i < waits.length; i++) expect(waits[i]).toBeGreaterThan(waits[i - 2] ?? Infinity);
  });

  it('are replaced soon when they had served for long', async () => {
    const { clock, processes } = pod(1);
    for (let death = 0; death < 8; death++) {
      processes.at(-1)?.exit('exit code 1');
      await clock.advanceUntil(() => processes.length === death + 2);
    }
    processes.at(-1)?.load();
    await clock.advance(120_000);
    const diedAt = clock.monotonic();
    const before = processes.length;
    processes.at(-1)?.exit('SIGKILL');
    await clock.advanceUntil(() => processes.length > before);
    expect(clock.monotonic() - diedAt).toBeLessThanOrEqual(200);
  });

  it('drain together, and nobody is replaced any more', async () => {
    const { clock, processes, first, group, loadAll } = pod(2);
    await loadAll();
    await group.drain(LIMITS);
    expect([first, ...processes.map(({ server }) => server)].map(({ drained }) => drained)).toEqual([
      true,
      true,
      true,
    ]);
    await clock.advance(120_000);
    expect(processes).toHaveLength(2);
    expect(processes.some(({ killed }) => killed)).toBe(false);
  });

  it('that do not drain in time are killed', async () => {
    const { clock, processes, group, loadAll } = pod(2);
    await loadAll();
    const [hanging] = processes;
    if (hanging !== undefined) hanging.server.hangs = true;
    const drained = group.drain(LIMITS);
    await clock.advance(LIMITS.graceMs);
    await drained;
    expect(processes.map(({ killed }) => killed)).toEqual([true, false]);
  });

  it('that load while the pod drains go too', async () => {
    const { clock, processes, group } = pod(1);
    const drained = group.drain(LIMITS);
    processes[0]?.load();
    await clock.advance(LIMITS.graceMs);
    await drained;
    expect(processes[0]?.joined).toEqual([]);
  });
});
