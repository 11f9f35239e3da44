/**
 * The CEL rules of a definition: do they compile, to what types, and at what cost at most.
 * Source: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go and apiserver/schema/cel.
 */
import {
  type CompiledRule,
  compileRules,
  estimateCost,
  maxChildren,
  type Rule,
  withResourceFields,
} from '../cel/index.js';
import type { Schema } from '../schema/index.js';
import { forbidden, goEscape, invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';

/** What an expression, and all expressions of a schema, may cost by estimate. */
const EXPRESSION_COST_LIMIT = 10_000_000;
const SCHEMA_COST_LIMIT = 100_000_000;
/** Only these are named when the sum is too high. */
const MAX_NAMED = 4;
const NAMED_ABOVE = EXPRESSION_COST_LIMIT / 10;
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** Errors of all rules of a structural schema that is valid otherwise. */
export function validateRules(schema: Schema, path: string): FieldError[] {
  const check = new RuleCheck();
  check.visit({ schema, path, cardinality: 1, isRoot: true });
  return [...check.errors, ...check.totalErrors(path)];
}

interface Place {
  readonly schema: Schema;
  readonly path: string;
  /** How many values of the node one object can have. */
  readonly cardinality: number;
  readonly isRoot?: boolean;
  /** The list above whose items have no counterpart in the old object. */
  readonly uncorrelatable?: string;
}

class RuleCheck {
  readonly errors: FieldError[] = [];
  readonly #costs: { field: string; cost: number }[] = [];

  visit(place: Place): void {
    const { schema, path, cardinality, uncorrelatable } = place;
    if ((schema['x-kubernetes-validations'] ?? []).length > 0) this.#checkNode(place);
    const inherited = uncorrelatable === undefined ? {} : { uncorrelatable };
    for (const [name, node] of Object.entries(schema.properties ?? {})) {
      this.visit({ schema: node, path: `${path}.properties[${name}]`, cardinality, ...inherited });
    }
    const inside = cardinality * maxChildren(schema);
    if (schema.items !== undefined) {
      const isMap = schema['x-kubernetes-list-type'] === 'map';
      const lost = isMap ? inherited : { uncorrelatable: uncorrelatable ?? path };
      this.visit({ schema: schema.items, path: `${path}.items`, cardinality: inside, ...lost });
    }
    if (typeof schema.additionalProperties === 'object') {
      const node = schema.additionalProperties;
      this.visit({ schema: node, path: `${path}.additionalProperties`, cardinality: inside, ...inherited });
    }
  }

  #checkNode(place: Place): void {
    const { rules } = compileRules(place.schema, place.isRoot === true);
    rules.forEach((compiled, i) => {
      const at = `${place.path}.x-kubernetes-validations[${i}]`;
      this.errors.push(...validateTexts(compiled.rule, at, place.schema));
      if (compiled.rule.rule.trim() === '') return;
      this.#checkExpression(place, compiled, at);
      this.#checkMessage(place, compiled, at);
    });
  }

  #checkExpression(place: Place, { rule, expression }: CompiledRule, at: string): void {
    if (!expression.ok) {
      this.errors.push(invalidRule(`${at}.rule`, rule, `compilation failed: ${expression.error}`));
      return;
    }
    const { type, usesOldSelf, ast } = expression.expression;
    if (type !== 'bool' && type !== 'dyn') {
      this.errors.push(invalidRule(`${at}.rule`, rule, 'cel expression must evaluate to a bool'));
      return;
    }
    if (usesOldSelf && place.uncorrelatable !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
      this.errors.push(invalid(`${at}.rule`, rule.rule, detail));
    }
    if (rule.optionalOldSelf !== undefined && !usesOldSelf) {
      const detail = 'may not be set if oldSelf is not used in rule';
      this.errors.push(invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, detail));
    }
    this.#charge(
      `${at}.rule`,
      'estimated rule cost',
      estimateCost(ast, variablesOf(place)) * place.cardinality,
    );
  }

  #checkMessage(place: Place, { rule, messageExpression }: CompiledRule, at: string): void {
    if (messageExpression === undefined) return;
    const field = `${at}.messageExpression`;
    if (!messageExpression.ok) {
      const detail = `messageExpression compilation failed: ${messageExpression.error}`;
      this.errors.push(invalidRule(field, rule, detail));
      return;
    }
    if (messageExpression.expression.type !== 'string') {
      this.errors.push(invalidRule(field, rule, 'messageExpression must evaluate to a string'));
      return;
    }
    const cost = estimateCost(messageExpression.expression.ast, variablesOf(place));
    this.#charge(field, 'estimated messageExpression cost', cost * place.cardinality);
  }

  #charge(field: string, name: string, cost: number): void {
    this.#costs.push({ field, cost });
    if (cost > EXPRESSION_COST_LIMIT) {
      this.errors.push(forbidden(field, exceeds(name, cost, EXPRESSION_COST_LIMIT)));
    }
  }

  totalErrors(path: string): FieldError[] {
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= SCHEMA_COST_LIMIT) return [];
    const dearest = this.#costs
      .filter(({ cost }) => cost > NAMED_ABOVE)
      .sort((a, b) => b.cost - a.cost)
      .slice(0, MAX_NAMED);
    const detail =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...dearest.map(({ field }) => forbidden(field, detail)),
      forbidden(path, exceeds(name, total, SCHEMA_COST_LIMIT)),
    ];
  }
}

function variablesOf({ schema, isRoot }: Place): ReadonlyMap<string, Schema> {
  const seen = isRoot === true ? withResourceFields(schema) : schema;
  return new Map([
    ['self', seen],
    ['oldSelf', seen],
  ]);
}

function exceeds(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown =
    factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** The server prints the rule as its own struct. */
function invalidRule(field: string, rule: Rule, detail: string): FieldError {
  const struct = goEscape(
    JSON.stringify({
      Rule: rule.rule,
      Message: rule.message ?? '',
      MessageExpression: rule.messageExpression ?? '',
      Reason: rule.reason ?? null,
      FieldPath: rule.fieldPath ?? '',
      OptionalOldSelf: rule.optionalOldSelf ?? null,
    }),
  );
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${struct}: ${detail}` };
}

function validateTexts(rule: Rule, at: string, schema: Schema): FieldError[] {
  const errors: FieldError[] = [];
  const message = rule.message ?? '';
  const hasNewline = (text: string) => /[\r\n]/.test(text.trim());
  if (rule.rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
  } else if (hasNewline(message)) {
    errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
  } else if (hasNewline(rule.rule) && message === '') {
    errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  }
  const { messageExpression, reason, fieldPath } = rule;
  if (messageExpression !== undefined && messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(`${at}.messageExpression`, 'must be non-empty if specified'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(`${at}.reason`, reason, REASONS));
  }
  if (fieldPath !== undefined && fieldPath !== '' && !isFieldPath(schema, fieldPath)) {
    errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
  }
  return errors;
}

/** `.a.b` or `.a['b-c']`: fields the schema declares, of objects and maps. */
function isFieldPath(schema: Schema, path: string): boolean {
  const parts = /^(?:\.[A-Za-z_][A-Za-z0-9_]*|\['(?:[^'\\]|\\.)+'\])+$/.test(path)
    ? Array.from(
        path.matchAll(/\.([A-Za-z0-9_]+)|\['((?:[^'\\]|\\.)+)'\]/g),
        ([, dotted, quoted]) => dotted ?? quoted ?? '',
      )
    : [];
  let node: Schema | undefined = schema;
  for (const name of parts) {
    const fields: Record<string, Schema> = node?.properties ?? {};
    const values: Schema | boolean | undefined = node?.additionalProperties;
    node = Object.hasOwn(fields, name) ? fields[name] : typeof values === 'object' ? values : undefined;
  }
  return parts.length > 0 && node !== undefined;
}
