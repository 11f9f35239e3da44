import { isNativeError } from 'node:util/types';

/**
 * Errors are values: a code, the place, what is wrong and what to do about it. A `Problem` is what a user reads
 * (one line), whichever way it travels: an exit message, a condition, an HTTP body.
 */
export interface Problem {
  /** Stable identifier in UpperCamelCase, such as `DigestMismatch`. */
  readonly code: string;
  /** Where: a field path (`spec.model.digest`), a file, a URL, a flag. Empty when there is no narrower place. */
  readonly place: string;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What to do about it, in one sentence without a full stop. Empty when the message says it. */
  readonly remedy: string;
}

export type Result<T, E = Problem> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

export function problem(code: string, place: string, message: string, remedy = ''): Problem {
  return { code, place, message, remedy };
}

/** One line for a person: `place: message; remedy`. */
export function formatProblem(p: Problem): string {
  const where = p.place === '' ? '' : `${p.place}: `;
  const what = p.remedy === '' ? p.message : `${p.message}; ${p.remedy}`;
  return `${where}${what}`;
}

/** A Problem thrown across layers that have no Result to return (streams, callbacks, commands). */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(p: Problem, options?: ErrorOptions) {
    super(formatProblem(p), options);
    this.name = 'ProblemError';
    this.problem = p;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  // An error of another realm (a vm context, a worker) is no instance of this realm's Error.
  return error instanceof Error || isNativeError(error) ? error.message : String(error);
}
