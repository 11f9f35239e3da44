import { type Problem, problem } from '../base/index.js';
import { withDefaults } from './defaults.js';
import { API_VERSION, KIND, type ModelDeployment } from './modelDeployment.js';
import { type Rule, RULES } from './rules.js';
import { checkSchema, join } from './schema/check.js';
import { specSchema } from './schema/spec.js';
import { isObject, valuesAt } from './schema/walk.js';

/**
 * Every problem of a declared ModelDeployment, with the path of its field: what `gantry validate` prints and what the
 * operator puts in its condition. Rules that tie fields together are looked at once the fields themselves are right.
 *
 * @param old the object before an update, for the rules about changes
 */
export function validate(value: unknown, old?: ModelDeployment): readonly Problem[] {
  if (!isObject(value))
    return [problem('WrongType', '', 'must be an object with apiVersion, kind, metadata and spec')];
  const problems = [...checkEnvelope(value), ...checkSpec(value)];
  if (problems.length > 0) return problems;
  const defaulted = withDefaults(value as ModelDeployment);
  return RULES.flatMap((rule) => brokenAt(rule, defaulted, old));
}

function* checkEnvelope(value: Record<string, unknown>): Generator<Problem> {
  if (value.apiVersion !== API_VERSION) {
    yield problem(
      'WrongVersion',
      'apiVersion',
      `must be ${API_VERSION}, not ${JSON.stringify(value.apiVersion)}`,
    );
  }
  if (value.kind !== KIND) {
    yield problem('WrongKind', 'kind', `must be ${KIND}, not ${JSON.stringify(value.kind)}`);
  }
  const name = isObject(value.metadata) ? value.metadata.name : undefined;
  if (typeof name !== 'string' || name === '') {
    yield problem(
      'Required',
      'metadata.name',
      'is required',
      'the name of the ModelDeployment and of its Service',
    );
  }
  const known = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
  for (const field of Object.keys(value).filter((candidate) => !known.includes(candidate))) {
    yield problem('UnknownField', field, 'is not a field', `the fields here are ${known.join(', ')}`);
  }
}

function checkSpec(value: Record<string, unknown>): readonly Problem[] {
  if (value.spec === undefined) return [problem('Required', 'spec', 'is required', specSchema.description)];
  return checkSchema(specSchema, value.spec, 'spec');
}

function brokenAt(rule: Rule, value: ModelDeployment, old: ModelDeployment | undefined): readonly Problem[] {
  // The table's union ties each path to the type found there; the walk over the paths cannot.
  const check = rule.check as (self: unknown, old?: unknown) => boolean;
  return valuesAt(value, rule.at, old)
    .filter((located) => !check(located.value, located.old))
    .map(({ path }) =>
      problem('RuleBroken', join(path, (rule.fieldPath ?? '').slice(1)).replace(/\.$/, ''), rule.message),
    );
}
