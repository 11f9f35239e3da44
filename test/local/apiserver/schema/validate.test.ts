import { describe, expect, it } from '@jest/globals';
import { type Schema, validateSchema } from '../../../../src/local/apiserver/schema/index.js';

const schema: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['model'],
      properties: {
        model: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string', minLength: 1, maxLength: 5, pattern: '^[a-z]*$' } },
        },
        replicas: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
        weight: { type: 'number', minimum: 0, exclusiveMinimum: true, multipleOf: 0.1 },
        stage: { type: 'string', enum: ['staging', 'production'] },
        port: { 'x-kubernetes-int-or-string': true },
        args: { type: 'array', minItems: 1, items: { type: 'string' } },
        labels: { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
        when: { type: 'string', format: 'date-time' },
        nick: { type: 'string', nullable: true },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        features: {
          type: 'array',
          maxItems: 2,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, dtype: { type: 'string', enum: ['f32'] } },
          },
        },
      },
    },
  },
};

const messages = (spec: unknown, old?: unknown) =>
  validateSchema(schema, { spec }, old === undefined ? {} : { old: { spec: old } }).map(
    ({ field, message }) => `${field}: ${message}`,
  );
const model = { name: 'm' };

describe('validateSchema', () => {
  it.each<[unknown, string[]]>([
    [{}, ['spec.model: Required value']],
    [
      { model: 'x' },
      ['spec.model: Invalid value: "string": spec.model in body must be of type object: "string"'],
    ],
    [
      { model: { name: 'B!' } },
      [`spec.model.name: Invalid value: "B!": spec.model.name in body should match '^[a-z]*$'`],
    ],
    [{ model: { name: 'abcdef' } }, ['spec.model.name: Too long: may not be more than 5 bytes']],
    [
      { model: { name: '' } },
      ['spec.model.name: Invalid value: "": spec.model.name in body should be at least 1 chars long'],
    ],
    [
      { model, replicas: 101 },
      ['spec.replicas: Invalid value: 101: spec.replicas in body should be less than or equal to 100'],
    ],
    [
      { model, replicas: 1.5 },
      [
        'spec.replicas: Invalid value: "float64": spec.replicas in body must be of type int32: "float64"',
        '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.replicas',
      ],
    ],
    [
      { model, replicas: 3_000_000_000 },
      [
        '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.replicas',
        'spec.replicas: Invalid value: 3000000000: spec.replicas in body should be less than or equal to 100',
      ],
    ],
    [{ model, weight: 0 }, ['spec.weight: Invalid value: 0: spec.weight in body should be greater than 0']],
    [
      { model, stage: 5 },
      [
        'spec.stage: Invalid value: "integer": spec.stage in body must be of type string: "integer"',
        'spec.stage: Unsupported value: 5: supported values: "staging", "production"',
      ],
    ],
    [
      { model, port: true },
      ['spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
    ],
    [
      { model, port: 1.5 },
      [
        'spec.port: Invalid value: "number": spec.port in body must be of type integer,string: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.port',
      ],
    ],
    [{ model, args: [] }, ['spec.args: Invalid value: 0: spec.args in body should have at least 1 items']],
    [
      { model, args: [1, null] },
      [
        'spec.args[0]: Invalid value: "integer": spec.args[0] in body must be of type string: "integer"',
        'spec.args[1]: Invalid value: "null": spec.args[1] in body must be of type string: "null"',
      ],
    ],
    [{ model, labels: { a: '1', b: '2' } }, ['spec.labels: Too many: 2: must have at most 1 items']],
    [
      { model, when: 'yesterday' },
      ['spec.when: Invalid value: "yesterday": spec.when in body must be of type date-time: "yesterday"'],
    ],
    [
      { model, features: [1] },
      [
        'spec.features[0]: Invalid value: "integer": spec.features[0] in body must be of type object: "integer"',
        'spec.features[0]: Invalid value: 1: must be an object for an array of list-type map',
      ],
    ],
    [{ model, tags: ['a', 'b', 'a'] }, ['spec.tags[2]: Duplicate value: "a"']],
    [
      { model, features: [{ name: 'a' }, { name: 'a' }] },
      ['spec.features[1]: Duplicate value: {"name":"a"}'],
    ],
    [{ model, features: [{}] }, ['spec.features[0].name: Required value']],
  ])('refuses %j', (spec, expected) => {
    expect(messages(spec)).toEqual(expected);
  });

  it('takes null where the field is nullable, and multiples of decimal fractions', () => {
    expect(messages({ model, nick: null, weight: 0.3, port: 'http' })).toEqual([]);
  });

  it('does not judge again what an update leaves as it was', () => {
    const old = { model: { name: 'B!' }, stage: 'odd', features: [{ name: 'a', dtype: 'bad' }] };
    expect(messages({ ...old, replicas: 1 }, old)).toEqual([]);
    expect(messages({ ...old, stage: 'other' }, old)).toHaveLength(1);
  });

  it('finds the old item of a map list by its keys, and has none for other lists', () => {
    const old = { model, features: [{ name: 'a', dtype: 'bad' }], args: [1] };
    const moved = { model, features: [{ name: 'b' }, { name: 'a', dtype: 'bad' }] };
    expect(messages(moved, old)).toEqual([]);
    expect(messages({ ...old, args: [1, 'x'] }, old)).toHaveLength(1);
  });

  it('cannot be held up by a pattern that makes backtracking explode', () => {
    const evil: Schema = { type: 'string', pattern: '^(a+)+$' };
    expect(validateSchema(evil, `${'a'.repeat(50_000)}!`)).toHaveLength(1);
  });

  it('refuses a text that is too long for a large pattern, without matching it', () => {
    const large: Schema = { type: 'string', pattern: '(a|b)*'.repeat(1_500) };
    expect(validateSchema(large, 'ab')).toEqual([]);
    expect(validateSchema(large, 'ab'.repeat(1_000_000))).toHaveLength(1);
  });
});
