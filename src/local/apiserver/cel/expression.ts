/** Compiling and evaluating one expression, with a bound on its cost. */
import type { Environment } from '@marcbachmann/cel-js';
import { type AstNode, usesVariable, walk } from './ast.js';
import { describeError, type LibraryError } from './compile-error.js';
import { unquoteFields } from './field-names.js';
import { CostExceeded, Meter, meterNodes } from './meter.js';

/** A checked expression. */
export interface Expression {
  readonly ast: AstNode;
  /** As the library writes it: `bool`, `string`, `dyn`, … */
  readonly type: string;
  readonly usesOldSelf: boolean;
  evaluate(variables: Readonly<Record<string, unknown>>, costLimit: number): Outcome;
}

export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown; readonly cost: number }
  | { readonly kind: 'error'; readonly message: string; readonly cost: number }
  | { readonly kind: 'tooExpensive'; readonly message: string; readonly cost: number };

export type Compiled =
  { readonly ok: true; readonly expression: Expression } | { readonly ok: false; readonly error: string };

export function compile(environment: Environment, source: string): Compiled {
  const text = unquoteFields(source);
  const isFunction = (name: string) =>
    environment.getDefinitions().functions.some((one) => one.name === name);
  try {
    const parsed = environment.parse(text);
    const ast = parsed.ast as unknown as AstNode;
    useLinearMatches(ast);
    const checked = parsed.check();
    if (!checked.valid) return { ok: false, error: describe(text, checked.error, isFunction) };
    const meter = new Meter();
    meterNodes(ast, meter);
    const evaluate: Expression['evaluate'] = (variables, costLimit) => {
      meter.reset(costLimit);
      return run(() => parsed({ ...variables }) as unknown, meter);
    };
    return {
      ok: true,
      expression: { ast, type: checked.type ?? 'dyn', usesOldSelf: usesVariable(ast, 'oldSelf'), evaluate },
    };
  } catch (error) {
    return { ok: false, error: describe(text, error, isFunction) };
  }
}

/** The library matches with backtracking, which a pattern can make exponential: `matches` becomes RE2's. */
function useLinearMatches(root: AstNode): void {
  walk(root, (node) => {
    if ((node.op !== 'rcall' && node.op !== 'call') || !Array.isArray(node.args)) return;
    if (node.args[0] === 'matches') node.args[0] = 'reMatches';
  });
}

function isLibraryError(error: unknown): error is LibraryError {
  return error instanceof Error && 'code' in error && 'summary' in error;
}

function describe(source: string, error: unknown, isFunction: (name: string) => boolean): string {
  if (isLibraryError(error)) return describeError(source, error, isFunction);
  const summary = error instanceof Error ? error.message : String(error);
  return describeError(source, { code: 'other', summary }, isFunction);
}

function run(evaluate: () => unknown, meter: Meter): Outcome {
  try {
    const value = evaluate();
    return { kind: 'value', value, cost: meter.spent };
  } catch (error) {
    const cost = meter.spent;
    if (meter.isExceeded || error instanceof CostExceeded) {
      return { kind: 'tooExpensive', message: new CostExceeded().message, cost };
    }
    return { kind: 'error', message: runtimeMessage(error), cost };
  }
}

const CONVERSIONS: Readonly<Record<string, string>> = {
  invalid_duration: "type conversion error from 'string' to 'google.protobuf.Duration'",
  invalid_timestamp: "type conversion error from 'string' to 'google.protobuf.Timestamp'",
  int_conversion_error: "type conversion error from 'string' to 'int'",
  uint_conversion_error: "type conversion error from 'string' to 'uint'",
  double_conversion_error: "type conversion error from 'string' to 'double'",
  bool_conversion_error: "type conversion error from 'string' to 'bool'",
  modulo_by_zero: 'modulus by zero',
  numeric_overflow: 'integer overflow',
  optional_value_missing: 'optional.none() dereference',
};

/** cel-go's words for what goes wrong in an evaluation. */
function runtimeMessage(error: unknown): string {
  if (!isLibraryError(error)) return error instanceof Error ? error.message : String(error);
  const known = CONVERSIONS[error.code];
  if (known !== undefined) return known;
  const index = /index (-?\d+)/.exec(error.summary)?.[1];
  if (error.code === 'index_out_of_bounds' && index !== undefined) return `index out of bounds: ${index}`;
  return error.summary.charAt(0).toLowerCase() + error.summary.slice(1);
}
