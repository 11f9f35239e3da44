/** The `parameters` members of requests, inputs and outputs. */
import type { ParameterValue } from '../inference.js';
import { type JsonCursor, OPEN_BRACE, OPEN_BRACKET } from '../json/cursor.js';
import { refuse } from '../refusal.js';

export type Parameters = Readonly<Record<string, ParameterValue>>;

export const NO_PARAMETERS: Parameters = Object.freeze({});

/** More than any client sends. */
const MAX_PARAMETERS = 1024;

/** Strings, numbers and booleans by name; null is the same as leaving the parameter out. */
export function readParameters(cursor: JsonCursor, place: string): Parameters {
  // No prototype: a parameter may be called __proto__.
  const parameters = Object.create(null) as Record<string, ParameterValue>;
  let count = 0;
  cursor.readObject((key) => {
    if (++count > MAX_PARAMETERS) refuse(`it has more than ${MAX_PARAMETERS} parameters`, place);
    const next = cursor.peek();
    if (next === OPEN_BRACE || next === OPEN_BRACKET) {
      refuse('a parameter is a string, a number or a boolean', `${place}.${key}`);
    }
    if (key in parameters) refuse('the parameter is given twice', `${place}.${key}`);
    const value = cursor.readScalar();
    if (value !== null) parameters[key] = value;
  });
  return parameters;
}

/** The boolean parameter `name`, when it is there. */
export function booleanParameter(parameters: Parameters, name: string, place: string): boolean | undefined {
  const value = parameters[name];
  if (value === undefined || typeof value === 'boolean') return value;
  return refuse('it must be true or false', `${place}.${name}`);
}

/** The parameter `name` as a count, when it is there. */
export function countParameter(parameters: Parameters, name: string, place: string): number | undefined {
  const value = parameters[name];
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0))
    return value;
  return refuse('it must be a whole number, 0 or more', `${place}.${name}`);
}

/** Refuses what an output may ask for elsewhere and not here: an answer without it would not be what was asked for. */
export function refuseOutputExtensions(parameters: Parameters, place: string): void {
  if (parameters.shared_memory_region !== undefined) {
    refuse('shared memory is not supported', `${place}.shared_memory_region`);
  }
  if ((countParameter(parameters, 'classification', place) ?? 0) > 0) {
    refuse('the classification extension is not supported', `${place}.classification`);
  }
}
