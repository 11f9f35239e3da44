/**
 * Resource quantities in the form the server stores them.
 * Source: k8s.io/apimachinery/pkg/api/resource (Quantity.String, CanonicalizeBytes).
 */
import { isObject } from '../json.js';
import { fieldSchema } from '../schema/list-types.js';
import type { Schema } from '../schema/index.js';

const QUANTITY = /^([+-]?)(\d*)\.?(\d*)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const DECIMAL_SUFFIX: Readonly<Record<number, string>> = {
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
  3: 'k',
  6: 'M',
  9: 'G',
  12: 'T',
  15: 'P',
  18: 'E',
};
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const NANO = 10n ** 9n;
/** More digits are more than the server's own arithmetic keeps, and slow to read. */
const MAX_DIGITS = 100;

/** A quantity in nano units; `format` is how it was written. Undefined when it is not one. */
export function parseNanos(
  text: string,
): { nanos: bigint; format: 'binary' | 'decimal' | 'exponent' } | undefined {
  const match = QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if ((whole === '' && fraction === '') || whole.length + fraction.length > MAX_DIGITS) return undefined;
  let numerator = BigInt(whole + fraction) * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  const binary = BINARY[suffix];
  const exponent =
    /^[eE]/.test(suffix) && suffix.length > 1 ? Number(suffix.slice(1)) : (DECIMAL[suffix] ?? 0);
  if (binary !== undefined) numerator <<= BigInt(binary);
  else if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
  else denominator *= 10n ** BigInt(-exponent);
  const rounded = (numerator + denominator - 1n) / denominator;
  const format = binary !== undefined ? 'binary' : suffix.length > 1 ? 'exponent' : 'decimal';
  return { nanos: sign === '-' ? -rounded : rounded, format };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`; NaN when one is no quantity. */
export function compareQuantities(a: unknown, b: unknown): number {
  const [left, right] = [parseNanos(String(a)), parseNanos(String(b))];
  if (left === undefined || right === undefined) return Number.NaN;
  return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
}

export function isQuantity(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && parseNanos(String(value)) !== undefined;
}

/** `0.5` is `500m`, `1024Mi` is `1Gi`, `2000` is `2k`: one text for one value. Undefined when it is not a quantity. */
export function canonicalQuantity(value: string | number): string | undefined {
  const parsed = parseNanos(String(value));
  if (parsed === undefined) return undefined;
  const { nanos, format } = parsed;
  if (nanos === 0n) return '0';
  if (format === 'binary' && nanos % NANO === 0n && absolute(nanos) >= 1024n * NANO)
    return binaryText(nanos / NANO);
  return decimalText(nanos, format === 'exponent');
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function binaryText(value: bigint): string {
  let power = 0;
  let rest = value;
  while (rest % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    rest /= 1024n;
    power++;
  }
  return `${rest}${BINARY_SUFFIXES[power] ?? ''}`;
}

function decimalText(nanos: bigint, asExponent: boolean): string {
  let exponent = -9;
  let rest = nanos;
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? String(rest) : `${rest}e${exponent}`;
  return `${rest}${DECIMAL_SUFFIX[exponent] ?? ''}`;
}

/** Rewrites, where they stand, the quantities of a typed value. Returns the path of the first that is none. */
export function canonicalizeQuantities(schema: Schema, value: unknown, path = ''): string | undefined {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const bad =
        schema.items === undefined ? undefined : canonicalizeQuantities(schema.items, item, `${path}[${i}]`);
      if (bad !== undefined) return bad;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const node = fieldSchema(schema, name);
    if (node === undefined) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (node.format !== 'quantity') {
      const bad = canonicalizeQuantities(node, item, at);
      if (bad !== undefined) return bad;
    } else if (typeof item === 'string' || typeof item === 'number') {
      const text = canonicalQuantity(item);
      if (text === undefined) return at;
      value[name] = text;
    }
  }
  return undefined;
}
