/**
 * What an expression can cost at most, estimated from the sizes its schema allows, so that a definition with a rule that
 * could be too expensive is refused when it is made.
 * Source: cel-go/checker/cost.go and k8s.io/apiserver/pkg/cel/library/cost.go.
 */
import type { Schema } from '../schema/index.js';
import type { AstNode, CheckedType, Comprehension } from './ast.js';
import { celFieldName } from './field-names.js';
import { maxSize } from './sizes.js';

const TEXT_FACTOR = 0.1;
const PATTERN_FACTOR = 0.25;
const LIST_COST = 10;
const MAP_COST = 30;
/** Per turn of a loop: its condition and accumulator. */
const TURN_COST = 4;
/** Keys of maps have no bound of their own. */
const KEY_SCHEMA: Schema = { type: 'string' };

type Variables = ReadonlyMap<string, Schema | undefined>;

/** The cost at most; Infinity where a size is not known. `variables` are the schemas of self and oldSelf. */
export function estimateCost(ast: AstNode, variables: Variables): number {
  return new Estimate(variables).cost(ast);
}

function children(node: AstNode): AstNode[] {
  return node.args as AstNode[];
}

class Estimate {
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  cost(node: AstNode): number {
    const { alternate, macro } = node.meta;
    if (alternate !== undefined) return this.cost(alternate);
    if (macro !== undefined) return this.#macroCost(node, macro);
    switch (node.op) {
      case 'value':
      case 'accuValue':
        return 0;
      case 'id':
      case 'accuInc':
        return 1;
      case '.':
      case '.?':
        return 1 + this.cost(children(node)[0] as AstNode);
      case 'accuPush':
      case '!_':
      case '-_':
        return 1 + this.cost(node.args as AstNode);
      case 'list':
        return LIST_COST + this.#sum(children(node));
      case 'map':
        return MAP_COST + this.#sum((node.args as AstNode[][]).flat());
      case '?:': {
        const [condition, yes, no] = children(node) as [AstNode, AstNode, AstNode];
        return this.cost(condition) + Math.max(this.cost(yes), this.cost(no));
      }
      case 'comprehension':
        return this.#loopCost(node.args as Comprehension);
      case 'call':
      case 'rcall':
        return this.#callCost(node);
      default:
        return this.#operatorCost(node);
    }
  }

  #sum(nodes: readonly AstNode[]): number {
    return nodes.reduce((total, node) => total + this.cost(node), 0);
  }

  #macroCost(node: AstNode, macro: Record<string, unknown>): number {
    if (macro['val'] !== undefined && macro['exp'] !== undefined) {
      const value = macro['val'] as AstNode;
      const bound = this.#with(String(macro['var']), this.schemaOf(value));
      return this.cost(value) + bound.cost(macro['exp'] as AstNode);
    }
    if (node.op === 'rcall') {
      const [, receiver, args] = node.args as [string, AstNode, AstNode[]];
      return 1 + this.cost(receiver) + this.#sum(args);
    }
    const [, args] = node.args as [string, AstNode[]];
    return 1 + this.#sum(args);
  }

  #with(name: string, schema: Schema | undefined): Estimate {
    return new Estimate(new Map([...this.#variables, [name, schema]]));
  }

  #loopCost({ iterable, iterVarName, init, step }: Comprehension): number {
    const turns = this.size(iterable);
    const inside = this.#with(iterVarName, elementSchema(this.schemaOf(iterable)));
    return this.cost(iterable) + this.cost(init) + turns * (inside.cost(step) + TURN_COST);
  }

  #operatorCost(node: AstNode): number {
    const [left, right] = children(node) as [AstNode, AstNode];
    const operands = this.cost(left) + this.cost(right);
    switch (node.op) {
      case '&&':
      case '||':
        return operands;
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return operands + atLeastOne(Math.min(this.size(left), this.size(right)) * TEXT_FACTOR);
      case 'in':
        return operands + (right.checkedType?.kind === 'map' ? 1 : this.size(right));
      case '+':
        return operands + atLeastOne((this.size(left) + this.size(right)) * TEXT_FACTOR);
      default:
        return operands + 1;
    }
  }

  #callCost(node: AstNode): number {
    const parts = node.args as [string, ...unknown[]];
    const args = (
      node.op === 'rcall' ? [parts[1] as AstNode, ...(parts[2] as AstNode[])] : parts[1]
    ) as AstNode[];
    const [target, argument] = args;
    const targetSize = target === undefined ? 0 : this.size(target);
    const argumentSize = argument === undefined ? 0 : this.size(argument);
    const own = functionCost(parts[0], targetSize, argumentSize);
    return this.#sum(args) + own;
  }

  /** Characters of a text, items of a list or entries of a map at most. */
  size(node: AstNode): number {
    const { alternate } = node.meta;
    if (alternate !== undefined) return this.size(alternate);
    if (node.op === 'value') return typeof node.args === 'string' ? node.args.length : 1;
    if (node.op === 'list') return children(node).length;
    if (node.op === '+') {
      const [left, right] = children(node) as [AstNode, AstNode];
      return this.size(left) + this.size(right);
    }
    if (node.op === '?:') {
      const [, yes, no] = children(node) as [AstNode, AstNode, AstNode];
      return Math.max(this.size(yes), this.size(no));
    }
    if (node.op === 'comprehension') return this.size((node.args as Comprehension).iterable);
    const schema = this.schemaOf(node);
    if (schema !== undefined) return maxSize(schema);
    if (node.op === 'rcall') return this.#resultSize(node);
    return isScalar(node.checkedType) ? 1 : Number.POSITIVE_INFINITY;
  }

  #resultSize(node: AstNode): number {
    const [name, receiver, args] = node.args as [string, AstNode, AstNode[]];
    if (KEEP_SIZE.has(name)) return this.size(receiver);
    if (name === 'replace')
      return this.size(receiver) * Math.max(1, args[1] === undefined ? 1 : this.size(args[1]));
    return isScalar(node.checkedType) ? 1 : Number.POSITIVE_INFINITY;
  }

  /** The part of the schema a node is a value of, where it is a path from a variable. */
  schemaOf(node: AstNode): Schema | undefined {
    if (node.op === 'id') return this.#variables.get(node.args as string);
    if (node.op === '.' || node.op === '.?') {
      const [left, name] = node.args as [AstNode, string];
      return fieldNamed(this.schemaOf(left), name);
    }
    if (node.op === '[]' || node.op === '[?]') {
      const [left] = children(node) as [AstNode];
      const schema = this.schemaOf(left);
      const values = schema?.additionalProperties;
      return schema?.items ?? (typeof values === 'object' ? values : undefined);
    }
    return undefined;
  }
}

const KEEP_SIZE = new Set([
  'lowerAscii',
  'upperAscii',
  'trim',
  'substring',
  'reverse',
  'split',
  'filter',
  'find',
  'findAll',
  'value',
]);
const READS_TARGET = new Set([
  ...[
    'startsWith',
    'endsWith',
    'lowerAscii',
    'upperAscii',
    'trim',
    'substring',
    'reverse',
    'replace',
    'split',
    'join',
  ],
  ...[
    'charAt',
    'quantity',
    'isQuantity',
    'url',
    'isURL',
    'ip',
    'isIP',
    'cidr',
    'isCIDR',
    'validate',
    'semver',
  ],
  ...['isSemver', 'duration', 'timestamp', 'bytes', 'double', 'int', 'uint'],
]);
const READS_LIST = new Set(['isSorted', 'sum', 'min', 'max', 'indexOf', 'lastIndexOf']);

function functionCost(name: string, target: number, argument: number): number {
  if (name === 'reMatches' || name === 'find' || name === 'findAll') {
    return atLeastOne((target + 1) * TEXT_FACTOR) * atLeastOne(argument * PATTERN_FACTOR);
  }
  if (name === 'contains' || name === 'equivalent' || name === 'intersects') {
    return atLeastOne(target * TEXT_FACTOR) * atLeastOne(argument * TEXT_FACTOR);
  }
  if (READS_LIST.has(name)) return atLeastOne(target);
  return READS_TARGET.has(name) ? atLeastOne(target * TEXT_FACTOR) : 1;
}

function atLeastOne(cost: number): number {
  return Math.max(1, Math.ceil(cost));
}

function isScalar(type: CheckedType | undefined): boolean {
  const scalars = [
    'int',
    'uint',
    'double',
    'bool',
    'null',
    'type',
    'google.protobuf.Timestamp',
    'google.protobuf.Duration',
  ];
  return type !== undefined && (type.kind === 'message' || scalars.includes(type.name));
}

function elementSchema(schema: Schema | undefined): Schema | undefined {
  if (schema?.items !== undefined) return schema.items;
  return typeof schema?.additionalProperties === 'object' ? KEY_SCHEMA : undefined;
}

function fieldNamed(schema: Schema | undefined, name: string): Schema | undefined {
  const found = Object.entries(schema?.properties ?? {}).find(([field]) => celFieldName(field) === name);
  return found?.[1];
}
