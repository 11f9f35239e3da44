/**
 * Kubernetes' JSONPath (k8s.io/client-go/util/jsonpath) as additionalPrinterColumns use it: one path, missing keys
 * allowed. Supports fields (`.a`, `.a\.b`, `['a','b']`), wildcards, indexes and slices, `..`, and filters
 * `[?(@.type=="Ready")]` with ==, !=, <, <=, >, >= or presence alone.
 */
import { getOwn, isObject } from '../json.js';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'union'; readonly steps: readonly Step[] }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly start?: number; readonly end?: number; readonly by: number }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand };

type Operand =
  { readonly literal: unknown } | { readonly steps: readonly Step[]; readonly fromRoot: boolean };

export type JsonPath = readonly Step[];

/** The parsed path, or undefined when it is none. A leading `$` and enclosing braces are optional. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const bare = /^\{(.*)\}$/s.exec(text.trim())?.[1] ?? text.trim();
  try {
    return new PathParser(bare.replace(/^[$@]/, '')).parse();
  } catch (error) {
    if (error instanceof PathFault) return undefined;
    throw error;
  }
}

/** All values at `path`, in document order. */
export function findAll(path: JsonPath, root: unknown): unknown[] {
  return walk(path, [root], root);
}

class PathFault extends Error {}

class PathParser {
  private at = 0;

  constructor(private readonly text: string) {}

  parse(): Step[] {
    const steps: Step[] = [];
    while (this.at < this.text.length) {
      if (this.take('..')) {
        steps.push({ kind: 'recursive' });
        if (this.text[this.at] !== '[') steps.push(this.field());
      } else if (this.take('.')) {
        if (this.text[this.at] !== '[' && this.at < this.text.length) steps.push(this.field());
      } else if (this.take('[')) {
        steps.push(this.bracket());
      } else {
        steps.push(this.field());
      }
    }
    return steps;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private field(): Step {
    let name = '';
    while (this.at < this.text.length && !'.[]'.includes(this.text[this.at] ?? '')) {
      if (this.text[this.at] === '\\') this.at++;
      name += this.text[this.at++] ?? '';
    }
    if (name === '') throw new PathFault();
    return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name };
  }

  private bracket(): Step {
    const inside = this.untilBracket();
    if (inside.startsWith('?(') && inside.endsWith(')')) return parseFilter(inside.slice(2, -1));
    const steps = splitOutsideQuotes(inside, ',').map((part) => bracketStep(part.trim()));
    const [first] = steps;
    if (first === undefined) throw new PathFault();
    return steps.length === 1 ? first : { kind: 'union', steps };
  }

  /** The text up to the bracket that closes this one; quotes hide brackets. */
  private untilBracket(): string {
    const start = this.at;
    let depth = 1;
    let quote = '';
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] ?? '';
      if (quote !== '') {
        if (char === '\\') this.at++;
        else if (char === quote) quote = '';
      } else if (char === '"' || char === "'") quote = char;
      else if (char === '[') depth++;
      else if (char === ']' && --depth === 0) return this.text.slice(start, this.at++);
    }
    throw new PathFault();
  }
}

function bracketStep(text: string): Step {
  if (text === '*') return { kind: 'wildcard' };
  const quoted = unquote(text);
  if (quoted !== undefined) return { kind: 'field', name: quoted };
  if (/^-?\d+$/.test(text)) return { kind: 'index', at: Number(text) };
  const slice = /^(-?\d*):(-?\d*)(?::(\d*))?$/.exec(text);
  if (slice === null) throw new PathFault();
  const [, start = '', end = '', by = ''] = slice;
  return {
    kind: 'slice',
    ...(start === '' ? {} : { start: Number(start) }),
    ...(end === '' ? {} : { end: Number(end) }),
    by: by === '' ? 1 : Number(by),
  };
}

function parseFilter(text: string): Step {
  const match = /^((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^"'=!<>])+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/s.exec(
    text.trim(),
  );
  if (match === null) return { kind: 'filter', left: parseOperand(text.trim()), operator: 'exists' };
  const [, left = '', operator = '', right = ''] = match;
  return { kind: 'filter', left: parseOperand(left.trim()), operator, right: parseOperand(right.trim()) };
}

function parseOperand(text: string): Operand {
  const quoted = unquote(text);
  if (quoted !== undefined) return { literal: quoted };
  if (text === 'true' || text === 'false') return { literal: text === 'true' };
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return { literal: Number(text) };
  if (!/^[@$.]/.test(text)) throw new PathFault();
  return { steps: new PathParser(text.replace(/^[@$]/, '')).parse(), fromRoot: text.startsWith('$') };
}

/** The text between single or double quotes, or undefined when it is not quoted. */
function unquote(text: string): string | undefined {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  return quoted?.[2]?.replaceAll(/\\(.)/gs, '$1');
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const pattern = new RegExp(`(?:"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'|[^${separator}])+`, 'gs');
  return text.match(pattern) ?? [];
}

function walk(steps: readonly Step[], from: readonly unknown[], root: unknown): unknown[] {
  let found = [...from];
  for (const step of steps) found = found.flatMap((value) => take(step, value, root));
  return found;
}

function take(step: Step, value: unknown, root: unknown): unknown[] {
  switch (step.kind) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) ? [getOwn(value, step.name)] : [];
    case 'union':
      return step.steps.flatMap((each) => take(each, value, root));
    case 'wildcard':
      return childrenOf(value);
    case 'recursive':
      return [value, ...descendantsOf(value)];
    case 'index': {
      const at = Array.isArray(value) && step.at < 0 ? step.at + value.length : step.at;
      return Array.isArray(value) && at >= 0 && at < value.length ? [value[at]] : [];
    }
    case 'slice':
      return Array.isArray(value) ? sliceOf(value, step) : [];
    case 'filter':
      return childrenOf(value).filter((child) => matches(step, child, root));
  }
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendantsOf(value: unknown): unknown[] {
  return childrenOf(value).flatMap((child) => [child, ...descendantsOf(child)]);
}

function sliceOf(array: readonly unknown[], { start, end, by }: Extract<Step, { kind: 'slice' }>): unknown[] {
  if (by <= 0) return [];
  return array.slice(start, end).filter((_, i) => i % by === 0);
}

function matches(step: Extract<Step, { kind: 'filter' }>, child: unknown, root: unknown): boolean {
  const left = valueOf(step.left, child, root);
  if (step.operator === 'exists') return left !== undefined;
  const right = step.right === undefined ? undefined : valueOf(step.right, child, root);
  if (left === undefined || right === undefined) return false;
  if (step.operator === '==') return left === right;
  if (step.operator === '!=') return left !== right;
  const order = compare(left, right);
  if (order === undefined) return false;
  switch (step.operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Negative, zero or positive; undefined for values without an order between them. */
function compare(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function valueOf(operand: Operand, child: unknown, root: unknown): unknown {
  if ('literal' in operand) return operand.literal;
  return walk(operand.steps, [operand.fromRoot ? root : child], root)[0];
}
