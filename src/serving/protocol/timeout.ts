/** How long a request may take. Source: Triton's schedule policy extension, the request parameter `timeout`. */
import { fail, ok, type Result } from '../../base/index.js';
import type { InferenceError, ParameterValue } from './inference.js';

const NO_LIMIT: Result<number, InferenceError> = ok(Infinity);

/** The limit that the `timeout` among a request's parameters sets, in milliseconds; infinite where there is none. */
export function requestTimeoutMs(
  parameters: Readonly<Record<string, ParameterValue>>,
): Result<number, InferenceError> {
  const { timeout } = parameters;
  if (timeout === undefined) return NO_LIMIT;
  const microseconds = typeof timeout === 'boolean' ? NaN : Number(timeout);
  if (!(microseconds >= 0))
    return fail({
      code: 'InvalidArgument',
      message: 'must be a number of microseconds',
      place: 'parameters.timeout',
    });
  // Triton takes 0 as "no limit of mine".
  return microseconds === 0 ? NO_LIMIT : ok(microseconds / 1000);
}
