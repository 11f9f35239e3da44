/** The side of a process that another one started: it loads, is given the sockets, answers questions and is told when to go. */
import { Server, Socket } from 'node:net';
import type { Clock, Logger } from '../../base/index.js';
import type { Lease } from '../auth/index.js';
import type { TakeConnection } from '../http/spreadConnections.js';
import { Correspondence } from './correspondence.js';
import { COMMIT_MS, PREPARE_MS, SHARE_MS } from './limits.js';
import type {
  ChangeAnswer,
  DrainLimits,
  Line,
  MemberServer,
  PodShare,
  PortName,
  Question,
} from './messages.js';

export class Member {
  readonly #line: Line;
  readonly #mail: Correspondence;
  /** Resolve when the first process hands the sockets over, which it does when this one is ready. */
  readonly sockets: Readonly<Record<PortName, Promise<Server>>>;
  #server: MemberServer | undefined;

  constructor(line: Line, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#line = line;
    const answer = async (question: Question) => this.#server?.answer(question);
    this.#mail = new Correspondence(line, { clock, logger, answer });
    const socketOf = (port: PortName) =>
      new Promise<Server>((resolve) => {
        line.onMessage((message, socket) => {
          if (message.kind === 'join' && message.port === port && socket instanceof Server) resolve(socket);
        });
      });
    this.sockets = { http: socketOf('http'), grpc: socketOf('grpc') };
  }

  /** Has the connections that the first process accepts for this one taken by `take`. */
  readonly onConnection = (take: TakeConnection): void => {
    this.#line.onMessage((message, socket) => {
      if (message.kind !== 'connection') return;
      const taken = socket instanceof Socket && take(socket);
      if (!taken && socket instanceof Socket) socket.destroy();
      this.#line.send({ kind: 'connection-answer', id: message.id, taken });
    });
  };

  /** What this process is to be; undefined when the first one does not say in time. */
  async share(): Promise<PodShare | undefined> {
    return (await this.#mail.ask({ what: 'share' }, SHARE_MS)) as PodShare | undefined;
  }

  /** Resolves when the pod has been drained. `server` has loaded its models. */
  async serve(server: MemberServer): Promise<void> {
    this.#server = server;
    server.joinPod({
      ask: async (question) => {
        const answers = await this.#mail.ask(question);
        return Array.isArray(answers) ? (answers as readonly unknown[]) : [await server.answer(question)];
      },
      order: async (order) => {
        const answer = await this.#mail.ask({ what: 'order', order }, PREPARE_MS + COMMIT_MS);
        return (answer as ChangeAnswer | undefined) ?? NO_ANSWER;
      },
      borrow: async (request) => (await this.#mail.ask({ what: 'lease', request })) as Lease | undefined,
    });
    const toldToGo = new Promise<DrainLimits>((resolve) => {
      this.#line.onMessage((message) => {
        if (message.kind === 'drain') resolve(message);
      });
    });
    this.#line.send({ kind: 'ready' });
    await server.drain(await toldToGo);
  }
}

const NO_ANSWER: ChangeAnswer = {
  ok: false,
  error: { code: 'ModelFailed', message: 'the server took too long to do as ordered' },
};
