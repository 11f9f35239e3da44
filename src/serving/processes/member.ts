/** The side of a process that another one started: it loads, is given the sockets, answers questions and is told when to go. */
import type { Server } from 'node:net';
import type { Clock, Logger } from '../../base/index.js';
import { Correspondence } from './correspondence.js';
import type { DrainLimits, Line, PodProcess, PortName } from './messages.js';

export class Member {
  readonly #line: Line;
  /** Resolve when the first process hands the sockets over, which it does when this one is ready. */
  readonly sockets: Readonly<Record<PortName, Promise<Server>>>;

  constructor(line: Line) {
    this.#line = line;
    const socketOf = (port: PortName) =>
      new Promise<Server>((resolve) => {
        line.onMessage((message, socket) => {
          if (message.kind === 'join' && message.port === port && socket !== undefined) resolve(socket);
        });
      });
    this.sockets = { http: socketOf('http'), grpc: socketOf('grpc') };
  }

  /** Resolves when the pod has been drained. `server` has loaded its models. */
  async serve(
    server: PodProcess,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ): Promise<void> {
    const answer = server.answer.bind(server);
    const mail = new Correspondence(this.#line, { clock, logger, answer });
    server.joinPod(async (question) => {
      const answers = await mail.ask(question);
      return Array.isArray(answers) ? (answers as readonly unknown[]) : [await server.answer(question)];
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
