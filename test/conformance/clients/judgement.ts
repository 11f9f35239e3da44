/** What a judge in another language says: a line of JSON for each of its checks. */
import { startProgram } from '../../support/program.js';

export interface Check {
  readonly name: string;
  /** Undefined when it passed. */
  readonly failure?: string;
}

export interface Judgement {
  readonly checks: readonly Check[];
  readonly exit: { readonly code: number; readonly stderr: string };
}

const DEADLINE_MS = 100_000;

/** Runs the judge to its end, or for 100 seconds. */
export async function judgement(command: string, args: readonly string[]): Promise<Judgement> {
  const judge = startProgram(command, args);
  const late = setTimeout(() => judge.signal('SIGKILL'), DEADLINE_MS);
  const { code, stderr, stdout } = await judge.finished;
  clearTimeout(late);
  const checks = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Check);
  return { checks, exit: { code, stderr } };
}
