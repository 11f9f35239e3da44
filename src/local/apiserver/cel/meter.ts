/**
 * A bound on what evaluating an expression may cost: each node costs one, and what reads a text or a list costs a tenth
 * of its size, as in cel-go. An expression that reaches its limit ends with CostExceeded.
 */
import { compilePattern } from '../schema/regular-expression.js';
import { type AstNode, walk } from './ast.js';

export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
    this.name = 'CostExceeded';
  }
}

/** What is left to spend. One meter belongs to one compiled expression. */
export class Meter {
  #left = 0;
  #limit = 0;
  /** Once: making an Error for every node of a loop that is already over costs more than the loop. */
  readonly #exceeded = new CostExceeded();

  reset(limit: number): void {
    this.#left = limit;
    this.#limit = limit;
  }

  get spent(): number {
    return this.#limit - this.#left;
  }

  get isExceeded(): boolean {
    return this.#left < 0;
  }

  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw this.#exceeded;
  }
}

const SIZE_FACTOR = 0.1;
/** Reading further would cost more than any limit. */
const MAX_COUNTED = 20_000_000;
const OPERATORS_THAT_READ = new Set(['==', '!=', 'in', '+', '<', '<=', '>', '>=', 'call', 'rcall']);

/** Makes every node of a checked expression pay before it is evaluated. */
export function meterNodes(root: AstNode, meter: Meter): void {
  walk(root, (node) => {
    const { alternate, macro } = node.meta;
    const { evaluate } = node.meta;
    node.evaluate = (evaluator, _node, context) => {
      meter.spend(1);
      if (alternate !== undefined) return alternate.evaluate(evaluator, alternate, context);
      if (macro !== undefined) return macro.evaluate(evaluator, macro, context);
      return evaluate(evaluator, node, context);
    };
    const { handle } = node;
    if (handle === undefined || !OPERATORS_THAT_READ.has(node.op)) return;
    node.handle = (...parameters) => {
      const [left, right] = parameters;
      const size = sizeOf(left) + (isOperand(node) ? sizeOf(right) : 0);
      if (size > 1) meter.spend(size * SIZE_FACTOR);
      if (!isOperand(node) && Array.isArray(left)) meter.spend(patternCost(node, left));
      return handle(...parameters);
    };
  });
}

const PATTERN_FUNCTIONS = new Set(['reMatches', 'find', 'findAll']);
const PATTERN_FACTOR = 0.25;

/** Matching reads the text once for each instruction of the pattern, at worst. */
function patternCost(node: AstNode, args: readonly unknown[]): number {
  const [name] = node.args as [string];
  const [text, pattern] = args;
  if (!PATTERN_FUNCTIONS.has(name) || typeof text !== 'string' || typeof pattern !== 'string') return 0;
  return text.length * SIZE_FACTOR * compilePattern(pattern).programSize() * PATTERN_FACTOR;
}

/** The handle of a call takes its arguments as one list; that of an operator takes two operands. */
function isOperand(node: AstNode): boolean {
  return node.op !== 'call' && node.op !== 'rcall';
}

/** Characters and items in a value, those inside it included. */
function sizeOf(value: unknown): number {
  let size = 0;
  const stack = [value];
  while (stack.length > 0 && size < MAX_COUNTED) {
    const next = stack.pop();
    if (typeof next === 'string') size += next.length;
    else if (Array.isArray(next)) {
      size += next.length;
      for (const item of next) if (typeof item === 'string' || typeof item === 'object') stack.push(item);
    } else if (next instanceof Map) {
      size += next.size;
      stack.push(...next.keys(), ...next.values());
    } else if (next instanceof Uint8Array) {
      size += next.length;
    } else if (typeof next === 'object' && next !== null) {
      size += 1;
    }
  }
  return size;
}
