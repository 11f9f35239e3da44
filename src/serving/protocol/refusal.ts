import { fail, ok, type Result } from '../../base/index.js';
import type { InferenceError } from './inference.js';

/**
 * Carries an InferenceError out of the depths of a decoder. It never leaves this folder: the public functions turn
 * it into a value with `refusalsAsErrors`.
 */
export class Refusal extends Error {
  readonly error: InferenceError;

  constructor(error: InferenceError) {
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
  }
}

/** Errors quote names that clients chose: a name of megabytes does not come back to them, nor into a log. */
const MAX_PLACE = 200;
const MAX_MESSAGE = 1000;

/** A client's mistake, at `place` (`inputs[0].shape`). */
export function invalid(message: string, place = ''): InferenceError {
  const error = { code: 'InvalidArgument', message: clipped(message, MAX_MESSAGE) } as const;
  return place === '' ? error : { ...error, place: clipped(place, MAX_PLACE) };
}

function clipped(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}

export function refuse(message: string, place?: string): never {
  throw new Refusal(invalid(message, place));
}

/** Runs a decoder; what it refused becomes the error. Anything else thrown is a bug and goes on. */
export function refusalsAsErrors<T>(decode: () => T): Result<T, InferenceError> {
  try {
    return ok(decode());
  } catch (error) {
    if (error instanceof Refusal) return fail(error.error);
    throw error;
  }
}
