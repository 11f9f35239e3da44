/**
 * One process for each core. The first process serves from the start, alone; the others load the models, and are then
 * given its listening sockets, which all accept on: whoever accepts is ready. SO_REUSEPORT would give each a queue of
 * its own, and what waits in the queue of a process that dies is lost; nor would two servers on one port be noticed.
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
import { Correspondence } from './correspondence.js';
import type { DrainLimits, Line, PodProcess, PortName, Question } from './messages.js';

/** Another process of the pod. */
export interface MemberProcess extends Line {
  readonly pid: number | undefined;
  /** Called once, when it is gone, with what it is known to have ended by. */
  onExit(listener: (how: string) => void): void;
  kill(): void;
}

export interface ProcessGroupOptions {
  /** The server in this process. */
  readonly first: PodProcess;
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
  readyAt: number | undefined;
}

const REPLACE: BackoffPolicy = { baseMs: 200, capMs: 30_000, factor: 2, jitter: 0.5 };

/** Who served for this long did not die of its start: the next delay is short again. */
const PROVEN_MS = 60_000;

export class ProcessGroup {
  readonly #options: ProcessGroupOptions;
  readonly #members = new Set<Member>();
  readonly #replacements = new Set<Timer>();
  #failures = 0;
  #draining = false;
  #allGone: (() => void) | undefined;

  constructor(options: ProcessGroupOptions) {
    this.#options = options;
    options.first.joinPod(this.ask);
    for (let i = 0; i < options.others; i++) this.#start();
  }

  /** Members that serve now, beside the first process. */
  get ready(): number {
    return [...this.#members].filter((member) => member.readyAt !== undefined).length;
  }

  /** Answers of every process that serves; one that does not answer in time is left out. */
  readonly ask = async (question: Question): Promise<readonly unknown[]> => {
    const serving = [...this.#members].filter((member) => member.readyAt !== undefined);
    const answers = [this.#options.first.answer(question), ...serving.map(({ mail }) => mail.ask(question))];
    return (await Promise.all(answers)).filter((answer) => answer !== undefined);
  };

  /** Drains every process, this one too. Resolves when the others are gone; who is late is killed. */
  async drain(limits: DrainLimits): Promise<void> {
    this.#draining = true;
    for (const timer of this.#replacements) timer.cancel();
    const gone = new Promise<void>((resolve) => (this.#allGone = resolve));
    for (const { process } of this.#members) process.send({ kind: 'drain', ...limits });
    const late = this.#options.clock.schedule(limits.graceMs, () => {
      for (const { process } of this.#members) process.kill();
    });
    if (this.#members.size === 0) this.#allGone?.();
    await Promise.all([this.#options.first.drain(limits), gone]);
    late.cancel();
  }

  #start(): void {
    const { spawn, sockets, clock, logger } = this.#options;
    const process = spawn();
    const answer = (question: Question) => this.ask(question);
    const member: Member = {
      process,
      mail: new Correspondence(process, { clock, logger, answer }),
      readyAt: undefined,
    };
    this.#members.add(member);
    process.onMessage((message) => {
      if (message.kind !== 'ready' || this.#draining) return;
      member.readyAt = clock.monotonic();
      for (const [port, socket] of sockets) process.send({ kind: 'join', port }, socket);
      logger.info({ process: process.pid }, 'another process serves');
    });
    process.onExit((how) => this.#gone(member, how));
  }

  #gone(member: Member, how: string): void {
    const { clock, random, logger } = this.#options;
    this.#members.delete(member);
    member.mail.end();
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
