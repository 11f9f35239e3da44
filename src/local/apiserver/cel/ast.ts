/**
 * The nodes of a parsed expression as the CEL library makes them, as far as costs and messages need them. Macros keep
 * what they were expanded to in `meta`.
 */
export interface AstNode {
  readonly op: string;
  args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly meta: AstMeta;
  readonly checkedType?: CheckedType;
  evaluate(evaluator: unknown, node: AstNode, context: unknown): unknown;
  handle?: (...parameters: unknown[]) => unknown;
}

interface AstMeta {
  /** What is evaluated in place of the node: an expanded macro, a constant. */
  readonly alternate?: AstNode;
  /** A macro that evaluates itself: has(), cel.bind(), orValue(). */
  readonly macro?: Record<string, unknown> & {
    evaluate(evaluator: unknown, macro: unknown, context: unknown): unknown;
  };
  readonly evaluate: AstNode['evaluate'];
}

/** The checker's verdict of a node's type. */
export interface CheckedType {
  /** `primitive`, `list`, `map`, `message`, `dyn`, `optional`, … */
  readonly kind: string;
  readonly name: string;
  readonly valueType?: CheckedType;
  readonly keyType?: CheckedType;
}

/** The arguments of an expanded comprehension (`all`, `exists`, `map`, …). */
export interface Comprehension {
  readonly iterable: AstNode;
  readonly iterVarName: string;
  readonly init: AstNode;
  readonly step: AstNode;
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'meta' in value;
}

/** The nodes directly under one, those of expanded macros included. */
export function childNodes(node: AstNode): AstNode[] {
  const { alternate, macro } = node.meta;
  const found: AstNode[] = [];
  collect(node.args, found);
  if (alternate !== undefined) found.push(alternate);
  if (macro !== undefined) {
    for (const [key, value] of Object.entries(macro)) if (key !== 'ast') collect(value, found);
  }
  return found;
}

function collect(value: unknown, found: AstNode[]): void {
  if (isNode(value)) found.push(value);
  else if (Array.isArray(value)) value.forEach((item) => collect(item, found));
  else if (typeof value === 'object' && value !== null && 'iterable' in value) {
    const { iterable, init, step } = value as Comprehension;
    found.push(iterable, init, step);
  }
}

/** Calls `visit` once for every node of the tree. */
export function walk(root: AstNode, visit: (node: AstNode) => void): void {
  const seen = new Set<AstNode>();
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    visit(node);
    stack.push(...childNodes(node));
  }
}

/** Whether the expression names a variable. */
export function usesVariable(root: AstNode, name: string): boolean {
  let used = false;
  walk(root, (node) => {
    if (node.op === 'id' && node.args === name) used = true;
  });
  return used;
}
