/** The rules of a schema's node, compiled once. */
import type { Environment } from '@marcbachmann/cel-js';
import type { Schema } from '../schema/index.js';
import { createEnvironment } from './environment.js';
import { type Compiled, compile } from './expression.js';
import { declareType, type ValueType, withResourceFields } from './types.js';

export type Rule = NonNullable<Schema['x-kubernetes-validations']>[number];

export interface CompiledRule {
  readonly rule: Rule;
  readonly expression: Compiled;
  readonly messageExpression?: Compiled;
}

export interface RuleSet {
  /** The type of self; undefined where expressions cannot see the node. */
  readonly type: ValueType | undefined;
  readonly rules: readonly CompiledRule[];
}

const compiledNodes = new WeakMap<Schema, RuleSet>();

/** The rules of one node; kept as long as the schema is. `isRoot`: the node is a whole resource. */
export function compileRules(schema: Schema, isRoot: boolean): RuleSet {
  const known = compiledNodes.get(schema);
  if (known !== undefined) return known;
  const environment = createEnvironment();
  const type = declareType(environment, isRoot ? withResourceFields(schema) : schema);
  const scopes = type === undefined ? undefined : declareScopes(environment, type);
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, scopes));
  const set = { type, rules };
  compiledNodes.set(schema, set);
  return set;
}

interface Scopes {
  readonly plain: Environment;
  /** Where oldSelf is optional. */
  readonly optional: Environment;
}

function declareScopes(environment: Environment, type: ValueType): Scopes {
  const scope = (oldSelf: string) =>
    environment.clone().registerVariable('self', type.name).registerVariable('oldSelf', oldSelf);
  return { plain: scope(type.name), optional: scope(`optional<${type.name}>`) };
}

function compileRule(rule: Rule, scopes: Scopes | undefined): CompiledRule {
  if (scopes === undefined)
    return { rule, expression: { ok: false, error: 'the type of the value is not known' } };
  const environment = rule.optionalOldSelf === true ? scopes.optional : scopes.plain;
  const expression = compile(environment, rule.rule);
  const message = rule.messageExpression ?? '';
  if (message.trim() === '') return { rule, expression };
  return { rule, expression, messageExpression: compile(environment, message) };
}
