import { createServer, type Server, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { seededRandom, silentLogger } from '../../../src/base/index.js';
import type { GiveConnection } from '../../../src/serving/http/spreadConnections.js';
import { Member } from '../../../src/serving/processes/member.js';
import type {
  ChangeAnswer,
  DrainLimits,
  FirstServer,
  LedPod,
  Line,
  MemberServer,
  Message,
  Pod,
  PodQuestion,
  PodShare,
  Question,
} from '../../../src/serving/processes/messages.js';
import { type MemberProcess, ProcessGroup } from '../../../src/serving/processes/processGroup.js';
import { VirtualClock } from '../../support/virtualClock.js';

const STATISTICS: PodQuestion = { what: 'statistics', model: 'm', version: '1' };
const SHARE: PodShare = { models: [], processes: 3 };
const LIMITS: DrainLimits = { lingerMs: 0, graceMs: 5_000 };

/** A server that answers every question with its name, and takes part in changes. */
class FakeServer implements FirstServer, MemberServer {
  readonly name: string;
  drained = false;
  pod: Pod | undefined;
  led: LedPod | undefined;
  /** Whether it answers and drains at all. */
  hangs = false;
  /** What it answers to a change that is to be prepared. */
  readiness: ChangeAnswer = { ok: true, value: undefined };
  readonly steps: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  answer(question: Question): Promise<unknown> {
    if (this.hangs) return new Promise(() => {});
    if (question.what === 'share') return Promise.resolve(SHARE);
    if (question.what === 'order') return Promise.resolve({ ok: true, value: undefined });
    if (question.what === 'metrics' || question.what === 'statistics') return Promise.resolve(this.name);
    this.steps.push(question.what);
    return Promise.resolve(question.what === 'prepare' ? this.readiness : { ok: true, value: undefined });
  }

  joinPod(pod: Pod): void {
    this.pod = pod;
  }

  leadPod(pod: LedPod): void {
    this.led = pod;
  }

  /** Whose turn the next connection is, where this server gives them away. */
  elsewhere: (() => GiveConnection | undefined) | undefined;
  spreads = false;
  /** Whether it takes connections. */
  takes = true;

  spread(elsewhere: () => GiveConnection | undefined): boolean {
    this.elsewhere = elsewhere;
    return this.spreads;
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
  readonly #toFirst: ((message: Message, socket: Server | Socket | undefined) => void)[] = [];
  readonly #toMember: ((message: Message, socket: Server | Socket | undefined) => void)[] = [];
  readonly #onExit: ((how: string) => void)[] = [];
  #alive = true;

  constructor(pid: number, clock: VirtualClock) {
    this.pid = pid;
    this.#clock = clock;
    this.server = new FakeServer(`member ${pid}`);
  }

  send(message: Message, socket?: Server | Socket): void {
    if (this.#alive) queueMicrotask(() => this.#toMember.forEach((listener) => listener(message, socket)));
  }

  onMessage(listener: (message: Message, socket: Server | Socket | undefined) => void): void {
    this.#toFirst.push(listener);
  }

  onExit(listener: (how: string) => void): void {
    this.#onExit.push(listener);
  }

  kill(): void {
    this.killed = true;
    this.exit('SIGKILL');
  }

  /** Nothing it says is heard. */
  mute(): void {
    this.#toFirst.length = 0;
  }

  exit(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onExit.forEach((listener) => listener(how));
  }

  /** What a process does at its start. */
  begin(): Member {
    const line: Line = {
      send: (message) => {
        if (this.#alive)
          queueMicrotask(() => this.#toFirst.forEach((listener) => listener(message, undefined)));
      },
      onMessage: (listener) => void this.#toMember.push(listener),
    };
    const member = new Member(line, { clock: this.#clock, logger: silentLogger });
    for (const [port, socket] of Object.entries(member.sockets))
      void socket.then(() => this.joined.push(port));
    member.onConnection(() => {
      if (this.server.takes) this.joined.push('connection');
      return this.server.takes;
    });
    return member;
  }

  /** What a process does once its models are loaded. */
  load(member = this.begin()): void {
    void member.serve(this.server).then(() => this.exit('exit code 0'));
  }
}

function pod(others = 2, spreads = false) {
  const clock = new VirtualClock();
  const processes: FakeProcess[] = [];
  const first = new FakeServer('first');
  first.spreads = spreads;
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

  it('are given connections in turn instead, where the first process can give them away', async () => {
    const { clock, processes, first, group, loadAll } = pod(2, true);
    const sockets: Socket[] = [];
    const servedHere: Socket[] = [];
    const next = async () => {
      const give = first.elsewhere?.();
      const socket = new Socket();
      sockets.push(socket);
      give?.(socket, () => servedHere.push(socket));
      await clock.settle();
      return give === undefined ? 'first' : 'elsewhere';
    };
    expect(await next()).toBe('first');
    await loadAll();
    const where: string[] = [];
    for (let i = 0; i < 6; i++) where.push(await next());
    expect(where.filter((one) => one === 'first')).toHaveLength(2);
    expect(processes.map(({ joined }) => joined)).toEqual([
      ['connection', 'connection'],
      ['connection', 'connection'],
    ]);
    // This process keeps nothing of what was taken elsewhere.
    expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(4);
    for (const { server } of processes) server.takes = false;
    for (let i = 0; i < 3; i++) await next();
    expect(servedHere).toHaveLength(2);
    void group.drain(LIMITS);
    expect(first.elsewhere?.()).toBeUndefined();
  });

  it('serve what was on its way to one that died', async () => {
    const { clock, processes, first, loadAll } = pod(1, true);
    await loadAll();
    let servedHere = 0;
    processes[0]?.mute();
    for (let i = 0; i < 4; i++) first.elsewhere?.()?.(new Socket(), () => servedHere++);
    await clock.settle();
    expect(servedHere).toBe(0);
    processes[0]?.exit('SIGKILL');
    expect(servedHere).toBe(2);
  });

  it('answer together, whichever of them is asked', async () => {
    const { processes, first, loadAll } = pod(2);
    await loadAll();
    const all = ['first', 'member 1', 'member 2'];
    expect(await first.led?.ask(STATISTICS)).toEqual(all);
    expect(await processes[1]?.server.pod?.ask(STATISTICS)).toEqual(all);
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

  it('that still load when the pod drains hold nobody up: they serve no one', async () => {
    const { processes, group, clock } = pod(2);
    processes[0]?.load();
    await clock.settle();
    // No time passes.
    await group.drain(LIMITS);
    expect(processes.map(({ killed }) => killed)).toEqual([false, true]);
    expect(processes[1]?.joined).toEqual([]);
  });
});

const CHANGE = { model: 'm', sources: [] };
const DONE = { ok: true, value: undefined };
const BROKEN: ChangeAnswer = { ok: false, error: { code: 'InvalidArgument', message: 'no model' } };

describe('a change of what is served', () => {
  it('is made by every process, after all have prepared it', async () => {
    const { processes, first, group, loadAll } = pod(2);
    await loadAll();
    expect(await group.change(CHANGE)).toEqual(DONE);
    for (const { steps } of [first, ...processes.map(({ server }) => server)])
      expect(steps).toEqual(['prepare', 'commit']);
  });

  it('is made by none when one cannot prepare it', async () => {
    const { processes, first, group, loadAll } = pod(2);
    await loadAll();
    const [failing] = processes;
    if (failing !== undefined) failing.server.readiness = BROKEN;
    expect(await group.change(CHANGE)).toEqual(BROKEN);
    for (const { steps } of [first, ...processes.map(({ server }) => server)])
      expect(steps).toEqual(['prepare', 'abandon']);
  });

  it('is made by none when one does not come to an end of preparing', async () => {
    const { clock, processes, first, group, loadAll } = pod(1);
    await loadAll();
    const [hanging] = processes;
    if (hanging !== undefined) hanging.server.hangs = true;
    const changed = group.change(CHANGE);
    await clock.advance(700_000);
    expect(await changed).toMatchObject({ ok: false, error: { code: 'ModelFailed' } });
    expect(first.steps).toEqual(['prepare', 'abandon']);
  });

  it('does not wait for a process that dies meanwhile', async () => {
    const { clock, processes, first, group, loadAll } = pod(2);
    await loadAll();
    const [dying] = processes;
    if (dying !== undefined) dying.server.hangs = true;
    const changed = group.change(CHANGE);
    await clock.settle();
    dying?.exit('SIGKILL');
    expect(await changed).toEqual(DONE);
    expect(first.steps).toEqual(['prepare', 'commit']);
  });

  it('makes a process start again that was loading what is no longer so', async () => {
    const { processes, group, loadAll } = pod(1);
    expect(await group.change(CHANGE)).toEqual(DONE);
    expect(processes[0]?.killed).toBe(true);
    await loadAll();
    expect(group.ready).toBe(0);
  });

  it('lets a process in that was loading when it failed', async () => {
    const { processes, first, group, loadAll } = pod(1);
    first.readiness = BROKEN;
    const changed = group.change(CHANGE);
    await loadAll();
    expect(await changed).toEqual(BROKEN);
    expect(processes[0]?.killed).toBe(false);
    expect(group.ready).toBe(1);
  });

  it('goes to the first process when another one is ordered to make it, which tells the others what they are to be', async () => {
    const { clock, processes, loadAll } = pod(1);
    const member = processes[0]?.begin();
    const share = member?.share();
    await clock.settle();
    expect(await share).toEqual(SHARE);
    await loadAll();
    const order = processes[0]?.server.pod?.order({ action: 'load', model: 'm' });
    await clock.settle();
    expect(await order).toEqual(DONE);
  });
});
