/** Questions and answers over a line. Nobody waits for a process that died or hangs. */
import { type Clock, messageOf, type Logger } from '../../base/index.js';
import type { Line, Question } from './messages.js';

const ANSWER_MS = 2_000;

/** Questions under way at most: who asks more gets no answer. */
const MAX_OPEN = 256;

export interface CorrespondenceOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Answers what the other end asks. */
  readonly answer: (question: Question) => Promise<unknown>;
}

export class Correspondence {
  readonly #line: Line;
  readonly #options: CorrespondenceOptions;
  readonly #open = new Map<number, (answer: unknown) => void>();
  #asked = 0;
  #ended = false;

  constructor(line: Line, options: CorrespondenceOptions) {
    this.#line = line;
    this.#options = options;
    line.onMessage((message) => {
      if (message.kind === 'answer') this.#open.get(message.id)?.(message.answer);
      else if (message.kind === 'ask') void this.#reply(message.id, message.question);
    });
  }

  /** Undefined when no answer came within `answerMs`. */
  ask(question: Question, answerMs = ANSWER_MS): Promise<unknown> {
    if (this.#ended || this.#open.size >= MAX_OPEN) return Promise.resolve(undefined);
    const id = this.#asked++;
    return new Promise((resolve) => {
      const settle = (answer: unknown) => {
        this.#open.delete(id);
        timer.cancel();
        resolve(answer);
      };
      const timer = this.#options.clock.schedule(answerMs, () => settle(undefined));
      this.#open.set(id, settle);
      this.#line.send({ kind: 'ask', id, question });
    });
  }

  /** No more answers will come. */
  end(): void {
    this.#ended = true;
    for (const settle of [...this.#open.values()]) settle(undefined);
  }

  async #reply(id: number, question: Question): Promise<void> {
    const answer = await this.#options.answer(question).catch((error: unknown) => {
      this.#options.logger.warn({ question: question.what, reason: messageOf(error) }, 'no answer to give');
      return undefined;
    });
    this.#line.send({ kind: 'answer', id, answer });
  }
}
