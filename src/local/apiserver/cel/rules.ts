/**
 * The CEL rules of a schema (x-kubernetes-validations) applied to an object.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go.
 */
import { Optional } from '@marcbachmann/cel-js';
import { equalJson, isObject } from '../json.js';
import { oldField, oldItem } from '../schema/correlate.js';
import { child, duplicate, forbidden, invalid, invalidOmitted, required } from '../schema/field-errors.js';
import { fieldSchema } from '../schema/list-types.js';
import type { Schema } from '../schema/index.js';
import type { FieldError } from '../status.js';
import { type CompiledRule, compileRules, type Rule, type RuleSet } from './compile-rules.js';

/** What one rule, and all rules of an object, may cost. */
const RULE_COST_LIMIT = 1_000_000;
const OBJECT_COST_LIMIT = 10_000_000;
const MAX_MESSAGE_LENGTH = 5 * 1024;

export interface RuleVerdict {
  readonly errors: FieldError[];
  /** Rules that fail as they already failed for the stored object (ratcheting). */
  readonly warnings: string[];
}

const withRules = new WeakMap<Schema, boolean>();

/** Whether any node of the schema has rules. */
export function hasRules(schema: Schema): boolean {
  const known = withRules.get(schema);
  if (known !== undefined) return known;
  const { items, additionalProperties: additional } = schema;
  const found =
    (schema['x-kubernetes-validations'] ?? []).length > 0 ||
    Object.values(schema.properties ?? {}).some(hasRules) ||
    (items !== undefined && hasRules(items)) ||
    (typeof additional === 'object' && hasRules(additional));
  withRules.set(schema, found);
  return found;
}

/** Judges an object as created or, with `old`, as updated. The object must have its schema's types. */
export function validateRulesOf(schema: Schema, object: unknown, old?: unknown): RuleVerdict {
  const run = new RuleRun();
  run.visit({ schema, value: object, old, path: '', isRoot: true });
  return { errors: run.errors, warnings: run.warnings };
}

interface Place {
  readonly schema: Schema;
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
  readonly isRoot?: boolean;
}

class RuleRun {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];
  #left = OBJECT_COST_LIMIT;

  visit(place: Place): void {
    const { schema, value, old, path } = place;
    if (value === null || value === undefined || !hasRules(schema) || this.#left < 0) return;
    if (schema['x-kubernetes-validations'] !== undefined) this.#apply(place);
    if (Array.isArray(value)) {
      const { items } = schema;
      if (items === undefined) return;
      value.forEach((item, i) =>
        this.visit({ schema: items, value: item, old: oldItem(schema, old, item), path: `${path}[${i}]` }),
      );
    } else if (isObject(value)) {
      for (const [name, item] of Object.entries(value)) {
        const node = fieldSchema(schema, name);
        if (node === undefined) continue;
        this.visit({ schema: node, value: item, old: oldField(schema, old, name), path: child(path, name) });
      }
    }
  }

  #apply(place: Place): void {
    const { schema, value, old } = place;
    const rules = compileRules(schema, place.isRoot === true);
    const variables = bind(rules, value, old);
    if (variables === undefined) return;
    for (const compiled of rules.rules) {
      if (this.#left < 0) return;
      this.#applyRule(place, compiled, variables);
    }
  }

  #applyRule(place: Place, compiled: CompiledRule, { self, oldSelf }: Bound): void {
    const { rule, expression } = compiled;
    const field = place.path === '' ? '<nil>' : place.path;
    const type = place.schema.type ?? '';
    if (!expression.ok) {
      this.errors.push(invalid(field, type, `rule compile error: ${expression.error}`));
      return;
    }
    const isTransition = expression.expression.usesOldSelf;
    const optional = rule.optionalOldSelf === true;
    if (isTransition && !optional && oldSelf === undefined) return;
    const old = optional ? (oldSelf === undefined ? Optional.none() : Optional.of(oldSelf)) : oldSelf;
    const variables = isTransition ? { self, oldSelf: old } : { self };
    const outcome = expression.expression.evaluate(variables, Math.min(RULE_COST_LIMIT, this.#left));
    this.#left -= outcome.cost;
    if (outcome.kind === 'tooExpensive') {
      const detail = `'${outcome.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule.rule}`;
      this.errors.push(invalid(field, type, detail));
      this.#left = -1;
    } else if (outcome.kind === 'error') {
      const shown = (rule.message ?? '') === '' ? rule.rule.trim() : (rule.message ?? '');
      this.#report(place, invalid(field, type, `${outcome.message} evaluating rule: ${shown}`), compiled);
    } else if (outcome.value !== true) {
      this.#report(place, ruleError(place, rule, this.#message(compiled, variables)), compiled);
    }
  }

  /** What an update leaves as it was may go on failing, with a warning. */
  #report({ value, old }: Place, error: FieldError, compiled: CompiledRule): void {
    const isTransition = compiled.expression.ok && compiled.expression.expression.usesOldSelf;
    if (!isTransition && old !== undefined && equalJson(value, old)) {
      this.warnings.push(`${error.field}: ${error.message}`);
    } else {
      this.errors.push(error);
    }
  }

  #message({ rule, messageExpression }: CompiledRule, variables: Readonly<Record<string, unknown>>): string {
    if (messageExpression?.ok === true) {
      const outcome = messageExpression.expression.evaluate(variables, RULE_COST_LIMIT);
      this.#left -= outcome.cost;
      const text = outcome.kind === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : '';
      if (text !== '' && text.length <= MAX_MESSAGE_LENGTH && !/[\r\n]/.test(text)) return text;
    }
    const message = (rule.message ?? '').trim();
    return message === '' ? `failed rule: ${rule.rule.trim()}` : message;
  }
}

interface Bound {
  readonly self: unknown;
  readonly oldSelf: unknown;
}

/** The variables as CEL values; undefined when the value does not have the schema's type, which is reported elsewhere. */
function bind(rules: RuleSet, value: unknown, old: unknown): Bound | undefined {
  if (rules.type === undefined) return undefined;
  try {
    const oldSelf = old === undefined || old === null ? undefined : rules.type.toCel(old);
    return { self: rules.type.toCel(value), oldSelf };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function ruleError({ value, path }: Place, rule: Rule, message: string): FieldError {
  const at = path === '' ? (rule.fieldPath ?? '').replace(/^\./, '') : `${path}${rule.fieldPath ?? ''}`;
  const field = at === '' ? '<nil>' : at;
  switch (rule.reason) {
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueDuplicate':
      return typeof value === 'object'
        ? { reason: 'FieldValueDuplicate', field, message: 'Duplicate value' }
        : duplicate(field, value);
    default:
      return typeof value === 'object' ? invalidOmitted(field, message) : invalid(field, value, message);
  }
}
