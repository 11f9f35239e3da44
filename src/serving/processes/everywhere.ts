/**
 * A change of what is served, in every process of a pod or in none: each first loads what is new beside what it serves,
 * and only when all have, all go over to it. What can still part them is the death of a process between the two steps;
 * whoever takes its place starts with what the first process serves.
 */
import { type Clock, fail, ok, withinTime } from '../../base/index.js';
import type { ModelChange } from '../dataplane/index.js';
import { COMMIT_MS, PREPARE_MS } from './limits.js';
import type { ChangeAnswer, ChangeStep, PodProcess } from './messages.js';

/** Another process, as far as it takes part in a change. */
export interface Changing {
  /** Undefined when no answer came in time. */
  ask(step: ChangeStep, answerMs: number): Promise<unknown>;
  isGone(): boolean;
  /** It hangs between the old and the new: another takes its place. */
  giveUp(): void;
}

export interface Changed {
  readonly first: Pick<PodProcess, 'answer'>;
  readonly others: readonly Changing[];
  readonly clock: Clock;
}

export async function changeEverywhere(
  change: ModelChange,
  { first, others, clock }: Changed,
): Promise<ChangeAnswer> {
  const everyone: readonly Changing[] = [itself(first, clock), ...others];
  const prepared = await Promise.all(
    everyone.map(async (process) => {
      const answer = await process.ask({ what: 'prepare', change }, PREPARE_MS);
      if (answer === undefined && !process.isGone()) return NO_ANSWER;
      return answer === undefined ? ok(undefined) : (answer as ChangeAnswer);
    }),
  );
  const failure = prepared.find((answer) => !answer.ok);
  if (failure !== undefined) {
    await Promise.all(everyone.map((process) => process.ask({ what: 'abandon' }, COMMIT_MS)));
    return failure;
  }
  await Promise.all(
    everyone.map(async (process) => {
      const answer = await process.ask({ what: 'commit' }, COMMIT_MS);
      if (answer === undefined && !process.isGone()) process.giveUp();
    }),
  );
  return ok(undefined);
}

const NO_ANSWER: ChangeAnswer = fail({
  code: 'ModelFailed',
  message: 'a process of the server took too long to load the model',
});

function itself(first: Changed['first'], clock: Clock): Changing {
  return {
    ask: (step, answerMs) => withinTime(first.answer(step), clock, answerMs),
    isGone: () => false,
    // What it serves no more is still answering; it is freed when that ends.
    giveUp: () => undefined,
  };
}
