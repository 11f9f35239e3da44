/**
 * What is wrong with an expression, in the words and with the arrow of the server's own compiler.
 * Source: cel-go/common/errors.go, checker/errors.go.
 */
import type { AstNode, CheckedType } from './ast.js';

/** An error of the CEL library, as far as it is read here. */
export interface LibraryError {
  readonly code: string;
  readonly summary: string;
  readonly node?: AstNode;
  readonly range?: { readonly start: number; readonly end: number };
}

const ANY_EXPRESSION =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** `ERROR: <input>:1:5: undefined field 'x'`, the line and an arrow under the place. */
export function describeError(
  source: string,
  error: LibraryError,
  isFunction: (name: string) => boolean,
): string {
  const { text, at } = explain(source, error, isFunction);
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const shown = source.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${text}\n | ${shown}\n | ${'.'.repeat(column)}^`;
}

function explain(
  source: string,
  error: LibraryError,
  isFunction: (name: string) => boolean,
): { text: string; at: number } {
  const start = error.range?.start ?? 0;
  const node = error.node;
  switch (error.code) {
    case 'no_such_key':
      return { text: `undefined field '${lastWord(error.summary)}'`, at: Math.max(0, start - 1) };
    case 'unknown_variable':
      return { text: `undeclared reference to '${lastWord(error.summary)}' (in container '')`, at: start };
    case 'no_such_overload':
      return node === undefined ? { text: error.summary, at: start } : operatorError(source, node);
    case 'no_matching_overload':
      return node === undefined ? { text: error.summary, at: start } : callError(source, node, isFunction);
    case 'unexpected_token':
    case 'expected_token':
    case 'unexpected_character': {
      const found =
        start >= source.length ? '<EOF>' : source.slice(start, Math.max(error.range?.end ?? 0, start + 1));
      return { text: `Syntax error: mismatched input '${found}' expecting ${ANY_EXPRESSION}`, at: start };
    }
    case 'reserved_identifier':
      return { text: `reserved identifier: ${lastWord(error.summary)}`, at: start };
    default:
      return { text: error.summary, at: start };
  }
}

function lastWord(text: string): string {
  return text.slice(text.lastIndexOf(' ') + 1);
}

/** `list(int)` of `list<int>`; a schema's objects have no name. */
export function typeName(type: CheckedType | undefined): string {
  return (type?.name ?? 'dyn')
    .replace(/Object\d+/g, 'object')
    .replaceAll('<', '(')
    .replaceAll('>', ')');
}

function operands(node: AstNode): AstNode[] {
  return Array.isArray(node.args) ? (node.args as AstNode[]) : [node.args as AstNode];
}

function operatorError(source: string, node: AstNode): { text: string; at: number } {
  const [left, right] = operands(node);
  const types = operands(node).map((operand) => typeName(operand.checkedType));
  if (right === undefined) {
    const text = `found no matching overload for '${node.op}' applied to '(${types.join(', ')})'`;
    return { text, at: node.start };
  }
  const symbol = node.op === 'in' ? '@in' : `_${node.op}_`;
  const at = source.indexOf(node.op, left?.end ?? node.start);
  return { text: `found no matching overload for '${symbol}' applied to '(${types.join(', ')})'`, at };
}

function callError(
  source: string,
  node: AstNode,
  isFunction: (name: string) => boolean,
): { text: string; at: number } {
  const parts = node.args as [string, ...unknown[]];
  const name = parts[0] === 'reMatches' ? 'matches' : parts[0];
  const isMember = node.op === 'rcall';
  const receiver = isMember ? (parts[1] as AstNode) : undefined;
  const args = (isMember ? parts[2] : parts[1]) as AstNode[];
  const from = receiver === undefined ? node.start : receiver.end;
  const at = Math.max(node.start, source.indexOf('(', source.indexOf(name, from)));
  if (!isFunction(parts[0])) return { text: `undeclared reference to '${name}' (in container '')`, at };
  const types = `(${args.map((argument) => typeName(argument.checkedType)).join(', ')})`;
  const target = receiver === undefined ? types : `${typeName(receiver.checkedType)}.${types}`;
  return { text: `found no matching overload for '${name}' applied to '${target}'`, at };
}
