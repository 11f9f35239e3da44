import { hasRules, validateRulesOf } from '../../../../src/local/apiserver/cel/index.js';
import type { Schema } from '../../../../src/local/apiserver/schema/index.js';

type Rule = NonNullable<Schema['x-kubernetes-validations']>[number];

/** A schema whose spec has fields of every type, and rules. */
function schemaWith(...rules: Rule[]): Schema {
  return {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        'x-kubernetes-validations': rules,
        properties: {
          n: { type: 'integer' },
          d: { type: 'number' },
          s: { type: 'string' },
          b: { type: 'boolean' },
          any: { 'x-kubernetes-int-or-string': true },
          when: { type: 'string', format: 'date-time' },
          wait: { type: 'string', format: 'duration' },
          bytes: { type: 'string', format: 'byte' },
          list: { type: 'array', items: { type: 'string' } },
          items: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: {
              type: 'object',
              properties: { k: { type: 'string' }, v: { type: 'integer' } },
            },
          },
          map: { type: 'object', additionalProperties: { type: 'integer' } },
          nested: { type: 'object', properties: { 'a-b': { type: 'integer' }, in: { type: 'integer' } } },
          none: { type: 'string', nullable: true },
        },
      },
    },
  };
}

const spec = {
  n: 3,
  d: 1.5,
  s: 'hello',
  b: true,
  any: '25%',
  when: '2026-01-02T03:04:05Z',
  wait: '90s',
  bytes: 'aGk=',
  list: ['a', 'b'],
  items: [{ k: 'x', v: 1 }, { k: 'y' }],
  map: { one: 1 },
  nested: { 'a-b': 4, in: 5 },
  none: null,
};

function verdict(rule: string | Rule, value: object = spec, old?: object) {
  const schema = schemaWith(typeof rule === 'string' ? { rule } : rule);
  const { errors, warnings } = validateRulesOf(
    schema,
    { metadata: { name: 'a' }, spec: value },
    old === undefined ? undefined : { metadata: { name: 'a' }, spec: old },
  );
  return { errors: errors.map(({ field, message }) => `${field}: ${message}`), warnings };
}

describe('rules that hold', () => {
  it.each([
    'self.n > 2 && self.d < 2.0 && self.b',
    "self.s.startsWith('he') && self.s.size() == 5",
    "type(self.any) == string && self.any.endsWith('%')",
    "self.when > timestamp('2025-01-01T00:00:00Z')",
    "self.wait == duration('1m30s')",
    "self.bytes == b'hi'",
    "self.list.all(x, x in ['a', 'b']) && self.list[1] == 'b'",
    'self.items.exists_one(i, has(i.v)) && self.items[0].v == 1',
    "self.map.all(k, self.map[k] == 1) && 'one' in self.map",
    'self.nested.a__dash__b == 4 && self.nested.__in__ == 5',
    'self.nested.`in` == 5',
    '!has(self.none)',
    "self.?none.orValue('x') == 'x'",
    'self.items == self.items && self.nested == self.nested',
    "self.s.matches('^h.*o$')",
    "quantity('1Gi').isGreaterThan(quantity('1G'))",
    "isURL('https://a.b/c') && url('https://a.b:80/c?d=e').getHostname() == 'a.b'",
    "ip('::1').isLoopback() && cidr('10.0.0.0/8').containsIP('10.1.2.3')",
    "semver('1.2.3').isLessThan(semver('1.10.0'))",
    "!format.dns1123Label().validate('abc').hasValue()",
    "sets.contains(self.list, ['a']) && self.list.isSorted() && [1, 2].sum() == 3",
    "'%s has %d'.format([self.s, self.n]) == 'hello has 3'",
    "'a,b'.split(',').join('-') == 'a-b' && 'abc'.find('b+') == 'b'",
    'cel.bind(x, self.n, x + 1) == 4',
  ])('%s', (rule) => {
    expect(verdict(rule)).toEqual({ errors: [], warnings: [] });
  });
});

describe('rules that fail', () => {
  it('say what failed: the rule, its message or its expression', () => {
    expect(verdict('self.n > 5').errors).toEqual(['spec: Invalid value: failed rule: self.n > 5']);
    expect(verdict({ rule: 'self.n > 5', message: 'too few' }).errors).toEqual([
      'spec: Invalid value: too few',
    ]);
    const expression = {
      rule: 'self.n > 5',
      message: 'fallback',
      messageExpression: "'only %d'.format([self.n])",
    };
    expect(verdict(expression).errors).toEqual(['spec: Invalid value: only 3']);
    const broken = { ...expression, messageExpression: 'string(self.n / 0)' };
    expect(verdict(broken).errors).toEqual(['spec: Invalid value: fallback']);
  });

  it('report their reason and field', () => {
    const rule = { rule: 'false', message: 'no', fieldPath: '.n' };
    expect(verdict(rule).errors).toEqual(['spec.n: Invalid value: no']);
    expect(verdict({ ...rule, reason: 'FieldValueForbidden' }).errors).toEqual(['spec.n: Forbidden: no']);
    expect(verdict({ ...rule, reason: 'FieldValueRequired' }).errors).toEqual(['spec.n: Required value: no']);
  });

  it('say what went wrong in an evaluation', () => {
    const without = { n: 1 };
    expect(verdict('self.n / 0 == 1').errors).toEqual([
      'spec: Invalid value: "object": division by zero evaluating rule: self.n / 0 == 1',
    ]);
    expect(verdict('self.d > 1.0', without).errors).toEqual([
      'spec: Invalid value: "object": no such key: d evaluating rule: self.d > 1.0',
    ]);
    expect(verdict("duration(self.s) == duration('1s')").errors[0]).toContain(
      "type conversion error from 'string' to 'google.protobuf.Duration'",
    );
  });
});

describe('updates', () => {
  it('compare with the old value, which creates do not have', () => {
    const rule = { rule: 'self.n >= oldSelf.n', message: 'may not shrink' };
    expect(verdict(rule).errors).toEqual([]);
    expect(verdict(rule, { n: 1 }, { n: 2 }).errors).toEqual(['spec: Invalid value: may not shrink']);
    expect(verdict(rule, { n: 3 }, { n: 2 }).errors).toEqual([]);
  });

  it('hand an optional old value to rules that want one on creates too', () => {
    const rule = { rule: 'oldSelf.hasValue() || self.n == 1', optionalOldSelf: true };
    expect(verdict(rule, { n: 1 }).errors).toEqual([]);
    expect(verdict(rule, { n: 2 }).errors).toHaveLength(1);
    expect(verdict(rule, { n: 2 }, { n: 5 }).errors).toEqual([]);
  });

  it('only warn of what already failed and stays as it was', () => {
    const rule = { rule: 'self.n > 5', message: 'too few' };
    expect(verdict(rule, { n: 1 }, { n: 1 })).toEqual({
      errors: [],
      warnings: ['spec: Invalid value: too few'],
    });
    expect(verdict(rule, { n: 2 }, { n: 1 }).errors).toHaveLength(1);
  });
});

describe('costs', () => {
  it('end a rule that would run too long, and all rules after it', () => {
    const long = { list: Array.from({ length: 3_000 }, (_, i) => `item ${i}`) };
    const { errors } = verdict(
      'self.list.all(a, self.list.all(b, self.list.all(c, a != c || b != c || true)))',
      long,
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(
      'no further validation rules will be run due to call cost exceeds limit for rule',
    );
  });

  it('count what reads a whole list or text, not only steps', () => {
    const long = { list: Array.from({ length: 20_000 }, (_, i) => `item ${i}`) };
    expect(verdict("self.list.all(a, !('x' in self.list))", long).errors[0]).toContain(
      'call cost exceeds limit',
    );
  });

  it('count each instruction of a pattern', () => {
    const long = { list: Array.from({ length: 100 }, () => 'a'.repeat(1_000)) };
    const { errors } = verdict("self.list.all(a, !a.matches('(a{30}){30}b'))", long);
    expect(errors[0]).toContain('call cost exceeds limit');
  });

  it('cannot be escaped with a pattern that makes backtracking explode', () => {
    expect(verdict("self.s.matches('^(a+)+$')", { s: `${'a'.repeat(100_000)}!` }).errors).toHaveLength(1);
  });
});

it('is not run where a schema has no rules', () => {
  expect(hasRules({ type: 'object', properties: { a: { type: 'string' } } })).toBe(false);
  expect(hasRules(schemaWith({ rule: 'true' }))).toBe(true);
});
