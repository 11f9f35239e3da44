/** Checks a value against a schema; every error has the path of its field and says what to write instead. */
import { type Problem, problem } from '../../base/index.js';
import type { Schema } from './schema.js';
import { isObject } from './walk.js';

/** A kind of value that can be wrong by itself; the remedy is the schema's own description. */
export function checkSchema(schema: Schema, value: unknown, path: string): Problem[] {
  const wrongType = checkType(schema, value, path);
  if (wrongType !== undefined) return [wrongType];
  if (isObject(value)) return checkObject(schema, value, path);
  if (Array.isArray(value)) return checkList(schema, value, path);
  return [...checkScalar(schema, value, path)];
}

function checkType(schema: Schema, value: unknown, path: string): Problem | undefined {
  const expected = expectedTypes(schema);
  if (expected === undefined) return undefined;
  const actual = typeOf(value);
  if (expected.includes(actual) || (actual === 'integer' && expected.includes('number'))) return undefined;
  const quote =
    expected.includes('string') && (actual === 'integer' || actual === 'number' || actual === 'boolean');
  const remedy = quote ? `write it in quotes: "${String(value)}"` : (schema.description ?? '');
  return problem('WrongType', path, `must be ${withArticle(expected)}, not ${withArticle([actual])}`, remedy);
}

function expectedTypes(schema: Schema): readonly string[] | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  if (schema.type !== undefined) return [schema.type];
  return ['string', 'integer', 'number', 'boolean'];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function withArticle(types: readonly string[]): string {
  return types
    .map((type) => (type === 'null' ? 'empty' : `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`))
    .join(' or ');
}

function checkObject(schema: Schema, value: Record<string, unknown>, path: string): Problem[] {
  const problems: Problem[] = [];
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) {
      const remedy = schema.properties?.[name]?.description ?? '';
      problems.push(problem('Required', join(path, name), 'is required', remedy));
    }
  }
  if (Object.keys(value).length > (schema.maxProperties ?? Infinity)) {
    problems.push(problem('TooMany', path, `must have at most ${schema.maxProperties} entries`));
  }
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const child = propertyOf(schema, name) ?? schema.additionalProperties;
    if (child !== undefined) problems.push(...checkSchema(child, field, join(path, name)));
    else if (schema['x-kubernetes-preserve-unknown-fields'] !== true) {
      problems.push(unknownField(schema, name, path));
    }
  }
  return problems;
}

/** Names come from users: `constructor` is no field of every object. */
function propertyOf({ properties }: Schema, name: string): Schema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function unknownField(schema: Schema, name: string, path: string): Problem {
  const known = Object.keys(schema.properties ?? {});
  const near = known.find((candidate) => distance(candidate.toLowerCase(), name.toLowerCase()) <= 2);
  const remedy = near === undefined ? `the fields here are ${known.join(', ')}` : `did you mean ${near}?`;
  return problem('UnknownField', join(path, name), 'is not a field', remedy);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function checkList(schema: Schema, value: readonly unknown[], path: string): Problem[] {
  const problems: Problem[] = [];
  if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity)) {
    const bounds = `between ${schema.minItems ?? 0} and ${schema.maxItems ?? 'any number of'}`;
    problems.push(problem('WrongLength', path, `must have ${bounds} items, not ${value.length}`));
  }
  const keys = new Set<string>();
  value.forEach((item, index) => {
    const at = `${path}[${index}]`;
    if (schema.items !== undefined) problems.push(...checkSchema(schema.items, item, at));
    const key = keyOf(schema, item);
    if (key === undefined) return;
    if (keys.has(key)) problems.push(problem('Duplicate', at, `repeats ${key}`));
    keys.add(key);
  });
  return problems;
}

/** What must be unique among the elements: the element of a set, the key fields of a map. */
function keyOf(schema: Schema, item: unknown): string | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return JSON.stringify(item);
  const names = schema['x-kubernetes-list-map-keys'];
  if (names === undefined || !isObject(item)) return undefined;
  return names.map((name) => `${name} ${JSON.stringify(item[name])}`).join(', ');
}

function* checkScalar(schema: Schema, value: unknown, path: string): Generator<Problem> {
  const remedy = schema.description ?? '';
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    yield problem('Unsupported', path, `must be ${schema.enum.join(' or ')}, not ${JSON.stringify(value)}`);
  }
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity)) {
      yield problem('OutOfRange', path, `must be at least ${schema.minimum}, not ${value}`);
    }
    if (value > (schema.maximum ?? Infinity)) {
      yield problem('OutOfRange', path, `must be at most ${schema.maximum}, not ${value}`);
    }
  }
  if (typeof value !== 'string') return;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    yield problem('WrongFormat', path, `${excerpt(value)} does not match ${schema.pattern}`, remedy);
  }
  const length = [...value].length;
  if (length < (schema.minLength ?? 0)) yield problem('TooShort', path, 'must not be empty', remedy);
  if (length > (schema.maxLength ?? Infinity)) {
    yield problem('TooLong', path, `must have at most ${schema.maxLength} characters, not ${length}`);
  }
}

function excerpt(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
