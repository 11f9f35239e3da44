/** Functions of texts beyond CEL's own. Source: cel-go/ext/strings.go and its format(). */
import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { patternMatches } from '../../schema/regular-expression.js';
import { goJson } from '../../schema/field-errors.js';

const MAX_FORMATTED = 1_000_000;

export function registerStrings(environment: Environment): void {
  environment
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.reverse(): string', (text: string) => Array.from(text).reverse().join(''))
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      bounded(text.replaceAll(from, () => to)),
    )
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.format(list): string', format)
    .registerFunction('string.reMatches(string): bool', matches)
    .registerFunction('reMatches(string, string): bool', matches);
}

function matches(text: string, pattern: string): boolean {
  return patternMatches(pattern, text);
}

/** An expression that multiplies a text must not fill the memory. */
function bounded(text: string): string {
  if (text.length > MAX_FORMATTED) throw new Error('result too large');
  return text;
}

function charAt(text: string, index: bigint): string {
  const characters = Array.from(text);
  if (index < 0n || index > BigInt(characters.length)) throw new Error(`index out of range: ${index}`);
  return characters[Number(index)] ?? '';
}

function replaceSome(text: string, from: string, to: string, count: bigint): string {
  if (count < 0n) return bounded(text.replaceAll(from, () => to));
  const parts = text.split(from);
  const limit = Math.min(Number(count), parts.length - 1);
  const head = parts.slice(0, limit + 1).join(to);
  return bounded([head, ...parts.slice(limit + 1)].join(from));
}

/** `'%s is %d'.format([a, b])`: %s %d %f %e %b %x %X %o, precision for %f and %e, %% for a percent sign. */
function format(template: string, values: readonly unknown[]): string {
  let next = 0;
  const text = template.replace(
    /%(?:%|(?:\.(\d{1,4}))?([a-zA-Z]))/g,
    (clause, precision: string | undefined, verb: string) => {
      if (clause === '%%') return '%';
      if (next >= values.length) throw new Error(`index ${next} out of range`);
      return formatOne(verb, values[next++], precision === undefined ? 6 : Number(precision));
    },
  );
  return bounded(text);
}

function formatOne(verb: string, value: unknown, precision: number): string {
  switch (verb) {
    case 's':
      return formatString(value);
    case 'd':
      if (typeof value === 'bigint' || typeof value === 'number') return String(value);
      break;
    case 'f':
      return asDouble(value).toFixed(Math.min(precision, 100));
    case 'e':
      return asDouble(value)
        .toExponential(Math.min(precision, 100))
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      if (typeof value === 'bigint') return value.toString(2);
      if (typeof value === 'boolean') return value ? '1' : '0';
      break;
    case 'o':
      if (typeof value === 'bigint') return value.toString(8);
      break;
    case 'x':
      return formatHex(value);
    case 'X':
      return formatHex(value).toUpperCase();
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
  throw new Error(`error during formatting: no formatting of this value with %${verb}`);
}

function asDouble(value: unknown): number {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  throw new Error('error during formatting: fixed-point clause can only be used on numbers');
}

function formatHex(value: unknown): string {
  if (typeof value === 'bigint') return value.toString(16);
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  throw new Error(
    'error during formatting: only integers, byte buffers, and strings can be formatted as hex',
  );
}

function formatString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (value instanceof Duration) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return `[${value.map(formatString).join(', ')}]`;
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, item]) => `${formatString(key)}: ${formatString(item)}`);
    return `{${entries.sort().join(', ')}}`;
  }
  if (typeof value === 'object' && value !== null) return goJson(value);
  return String(value);
}
