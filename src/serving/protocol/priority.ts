/** How urgent a request is. Source: Triton's schedule policy extension, the request parameter `priority`. */
import { ok, type Result } from '../../base/index.js';
import type { InferenceError, ParameterValue } from './inference.js';
import { invalid } from './refusal.js';

/** 1 is the most urgent; a larger number than this is as urgent as this. */
export const LEAST_URGENT = 9;

/** What a request has that names no level, or level 0: there is room on both sides. */
export const DEFAULT_PRIORITY = 5;

const DEFAULT: Result<number, InferenceError> = ok(DEFAULT_PRIORITY);

/** The level, 1 (first) to 9 (last), that the `priority` among a request's parameters stands for. */
export function requestPriority(
  parameters: Readonly<Record<string, ParameterValue>>,
): Result<number, InferenceError> {
  const given = parameters['priority'];
  if (given === undefined) return DEFAULT;
  const level = typeof given === 'boolean' ? NaN : Number(given);
  if (!Number.isInteger(level) || level < 0) {
    const error = invalid('it must be a whole number, 0 (the default level) or more', 'parameters.priority');
    return { ok: false, error };
  }
  return level === 0 ? DEFAULT : ok(Math.min(level, LEAST_URGENT));
}
