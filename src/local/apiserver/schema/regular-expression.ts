/**
 * Regular expressions that users write, in RE2's language and with its promise: time linear in the text. Compiled
 * ones are kept, the least recently used goes first.
 */
import { RE2JS } from 're2js';

const MAX_COMPILED = 500;
/** Longer patterns are refused: a repetition of a repetition grows when it is compiled. */
const MAX_PATTERN_LENGTH = 10_000;

/** Characters times instructions: what one match may take, about a second. */
const MAX_STEPS = 100_000_000;

const compiled = new Map<string, RE2JS>();

/** The compiled pattern. Throws an Error that says what is wrong with it. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) {
    compiled.delete(pattern);
    compiled.set(pattern, known);
    return known;
  }
  if (pattern.length > MAX_PATTERN_LENGTH) throw new Error('expression too large');
  const fresh = RE2JS.compile(pattern);
  compiled.set(pattern, fresh);
  const oldest = compiled.keys().next();
  if (compiled.size > MAX_COMPILED && oldest.done !== true) compiled.delete(oldest.value);
  return fresh;
}

/** Whether `pattern` occurs anywhere in `text`. Throws when the pattern is not one, or matching would take too long. */
export function patternMatches(pattern: string, text: string): boolean {
  return matcherOf(pattern, text).find();
}

/** A matcher of `pattern` over `text`. Throws as patternMatches does. */
export function matcherOf(pattern: string, text: string): ReturnType<RE2JS['matcher']> {
  const expression = compilePattern(pattern);
  if (text.length * expression.programSize() > MAX_STEPS) throw new Error('text too long for the expression');
  return expression.matcher(text);
}
