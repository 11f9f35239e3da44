/**
 * Constructors of field errors in the server's words.
 * Source: k8s.io/apimachinery/pkg/util/validation/field/errors.go.
 */
import type { FieldError } from '../status.js';

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** Text as Go's %q prints it. */
export function quote(text: string): string {
  const escaped = Array.from(text, (c) => {
    if (GO_ESCAPES[c] !== undefined) return GO_ESCAPES[c];
    const code = c.charCodeAt(0);
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : c;
  });
  return `"${escaped.join('')}"`;
}

/** JSON as Go's encoder writes it: keys sorted, `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  const sorted = JSON.stringify(value, (_key, node: unknown) => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return node;
    return Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return goEscape(sorted);
}

/** JSON text with `<`, `>` and `&` escaped, as Go's encoder writes them. */
export function goEscape(json: string): string {
  return json.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}

/** A number as Go's %v prints it. */
function goNumber(value: number): string {
  const text = String(value);
  if (Math.abs(value) < 1e-4 && value !== 0) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return text;
}

/** A bad value as it stands in a message. */
export function printValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return goNumber(value);
  if (typeof value === 'boolean') return String(value);
  return goJson(value);
}

function withDetail(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`;
}

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: withDetail(`Invalid value: ${printValue(value)}`, detail),
  };
}

/** An invalid value that is not worth printing (a whole object). */
export function invalidOmitted(field: string, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: withDetail('Invalid value', detail) };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { ...invalid(field, value, detail), reason: 'FieldValueTypeInvalid' };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${printValue(value)}` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${printValue(value)}` };
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const list = supported.map((one) => quote(typeof one === 'string' ? one : goJson(one))).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: withDetail(
      `Unsupported value: ${printValue(value)}`,
      list === '' ? '' : `supported values: ${list}`,
    ),
  };
}

export function tooLong(field: string, max: number): FieldError {
  const detail = max >= 0 ? `may not be more than ${max} bytes` : 'value is too long';
  return { reason: 'FieldValueTooLong', field, message: `Too long: ${detail}` };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const message = `Too many: ${actual}: must have at most ${max} items`;
  return { reason: 'FieldValueTooMany', field, message };
}

/** `spec.names` under `spec`; `<nil>` is how the server prints the root. */
export function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
