/**
 * One process for each core. The first process serves from the start, alone; the others load the models, and are then
 * given connections in turn, which it accepts for them, or its listening sockets (for TLS and gRPC), which all accept on: who gets a
 * connection is ready. SO_REUSEPORT would give each a queue of its own, and what waits in the queue of a process that dies is lost; nor
 * would two servers on one port be noticed.
 */
import type { Server } from 'node:net';
import {
  backoffDelay,
  type BackoffPolicy,
  type Clock,
  type Logger,
  type Random,
  type Timer,
} from '../../base/index.js';
import type { GiveConnection } from '../http/spreadConnections.js';
import type { ModelChange } from '../dataplane/index.js';
import { Correspondence } from './correspondence.js';
import { type Changing, changeEverywhere } from './everywhere.js';
import type {
  ChangeAnswer,
  DrainLimits,
  FirstServer,
  Line,
  PodQuestion,
  PortName,
  Question,
} from './messages.js';

/** Another process of the pod. */
export interface MemberProcess extends Line {
  readonly pid: number | undefined;
  /** Called once, when it is gone, with what it is known to have ended by. */
  onExit(listener: (how: string) => void): void;
  kill(): void;
}

export interface ProcessGroupOptions {
  /** The server in this process. */
  readonly first: FirstServer;
  /** Processes beside this one. */
  readonly others: number;
  readonly spawn: () => MemberProcess;
  readonly sockets: ReadonlyMap<PortName, Server>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface Member {
  readonly process: MemberProcess;
  readonly mail: Correspondence;
  /** Connections on their way to it, by what to do when it is told whether they were taken. */
  readonly given: Map<number, (taken: boolean) => void>;
  readyAt: number | undefined;
  gone: boolean;
}

const REPLACE: BackoffPolicy = { baseMs: 200, capMs: 30_000, factor: 2, jitter: 0.5 };

/** Who served for this long did not die of its start: the next delay is short again. */
const PROVEN_MS = 60_000;

export class ProcessGroup {
  readonly #options: ProcessGroupOptions;
  readonly #spreads: boolean;
  readonly #members = new Set<Member>();
  readonly #replacements = new Set<Timer>();
  #failures = 0;
  #turns = 0;
  #givenIds = 0;
  #draining = false;
  /** Resolves when the change under way is over, with whether it was made. */
  #changing: Promise<unknown> | undefined;
  #allGone: (() => void) | undefined;

  constructor(options: ProcessGroupOptions) {
    this.#options = options;
    this.#spreads = options.first.spread(this.#turn);
    options.first.leadPod({ ask: this.ask, change: this.change, processes: options.others + 1 });
    for (let i = 0; i < options.others; i++) this.#start();
  }

  /** Members that serve now, beside the first process. */
  get ready(): number {
    return this.#serving().length;
  }

  /** Answers of every process that serves; one that does not answer in time is left out. */
  readonly ask = async (question: PodQuestion): Promise<readonly unknown[]> => {
    const answers = [
      this.#options.first.answer(question),
      ...this.#serving().map(({ mail }) => mail.ask(question)),
    ];
    return (await Promise.all(answers)).filter((answer) => answer !== undefined);
  };

  /**
   * Changes what every process serves, or none: see changeEverywhere. A process that is still loading loads what is no
   * longer so, and starts again. There must be no other change under way.
   */
  readonly change = async (change: ModelChange): Promise<ChangeAnswer> => {
    const { first, clock } = this.#options;
    const others = this.#serving().map((member): Changing => ({
      ask: (step, answerMs) => member.mail.ask(step, answerMs),
      isGone: () => member.gone,
      giveUp: () => member.process.kill(),
    }));
    const changed = changeEverywhere(change, { first, others, clock });
    this.#changing = changed;
    const answer = await changed.finally(() => (this.#changing = undefined));
    if (answer.ok) this.#killLoading();
    return answer;
  };

  /**
   * Drains every process, this one too. Resolves when the others are gone; who is late is killed, and at once who still
   * loads: it does not listen yet, and nobody waits for it.
   */
  async drain(limits: DrainLimits): Promise<void> {
    this.#draining = true;
    for (const timer of this.#replacements) timer.cancel();
    const gone = new Promise<void>((resolve) => (this.#allGone = resolve));
    for (const { process } of this.#serving()) process.send({ kind: 'drain', ...limits });
    this.#killLoading();
    const late = this.#options.clock.schedule(limits.graceMs, () => {
      for (const { process } of this.#members) process.kill();
    });
    if (this.#members.size === 0) this.#allGone?.();
    await Promise.all([this.#options.first.drain(limits), gone]);
    late.cancel();
  }

  /** Whose turn the next connection is: who is on the way out gets no more. */
  readonly #turn = (): GiveConnection | undefined => {
    const serving = this.#draining ? [] : this.#serving();
    this.#turns = (this.#turns + 1) % (serving.length + 1);
    const member = serving[this.#turns];
    if (member === undefined) return undefined;
    return (socket, notTaken) => {
      const id = this.#givenIds++;
      member.given.set(id, (taken) => {
        member.given.delete(id);
        // The other process has its own handle of it.
        if (taken) socket.destroy();
        else notTaken();
      });
      member.process.send({ kind: 'connection', id }, socket);
    };
  };

  #serving(): Member[] {
    return [...this.#members].filter((member) => member.readyAt !== undefined);
  }

  /** Who does not serve yet: nobody waits for its answers. */
  #killLoading(): void {
    for (const { process, readyAt } of [...this.#members]) if (readyAt === undefined) process.kill();
  }

  #start(): void {
    const { spawn, clock, logger } = this.#options;
    const process = spawn();
    const answer = (question: Question) => this.#answer(question);
    const member: Member = {
      process,
      mail: new Correspondence(process, { clock, logger, answer }),
      given: new Map(),
      readyAt: undefined,
      gone: false,
    };
    this.#members.add(member);
    process.onMessage((message) => {
      if (message.kind === 'ready') void this.#admit(member);
      if (message.kind === 'connection-answer') member.given.get(message.id)?.(message.taken);
    });
    process.onExit((how) => this.#gone(member, how));
  }

  #answer(question: Question): Promise<unknown> {
    switch (question.what) {
      case 'metrics':
      case 'statistics':
      case 'purge':
        return this.ask(question);
      default:
        return this.#options.first.answer(question);
    }
  }

  /** Not in the middle of a change: it does not know of it. */
  async #admit(member: Member): Promise<void> {
    const { sockets, clock, logger } = this.#options;
    while (this.#changing !== undefined) await this.#changing.catch(() => undefined);
    if (this.#draining || member.gone) return;
    member.readyAt = clock.monotonic();
    for (const [port, socket] of sockets)
      if (port !== 'http' || !this.#spreads) member.process.send({ kind: 'join', port }, socket);
    logger.info({ process: member.process.pid }, 'another process serves');
  }

  #gone(member: Member, how: string): void {
    const { clock, random, logger } = this.#options;
    this.#members.delete(member);
    member.gone = true;
    member.mail.end();
    for (const settle of [...member.given.values()]) settle(false);
    if (this.#draining) {
      if (this.#members.size === 0) this.#allGone?.();
      return;
    }
    const servedMs = member.readyAt === undefined ? 0 : clock.monotonic() - member.readyAt;
    this.#failures = servedMs >= PROVEN_MS ? 1 : this.#failures + 1;
    const delayMs = Math.round(backoffDelay(REPLACE, this.#failures, random));
    logger.error({ process: member.process.pid, how, delayMs }, 'a process ended and is replaced');
    const timer = clock.schedule(delayMs, () => {
      this.#replacements.delete(timer);
      this.#start();
    });
    this.#replacements.add(timer);
  }
}
