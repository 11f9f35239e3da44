import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applyDefaults,
  builtinSchema,
  duplicateFields,
  pruneUnknown,
  type Schema,
} from '../../../../src/local/apiserver/schema/index.js';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', default: 1 },
        nick: { type: 'string', nullable: true, default: 'none' },
        plain: { type: 'string' },
        cache: { type: 'object', default: {}, properties: { enabled: { type: 'boolean', default: true } } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        features: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string' }, dtype: { type: 'string', default: 'f32' } },
          },
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  },
};

describe('applyDefaults', () => {
  it('fills in nested defaults and those of list items', () => {
    const value = { spec: { features: [{ name: 'a' }] } };
    applyDefaults(schema, value);
    expect(value).toEqual({
      spec: { replicas: 1, nick: 'none', cache: { enabled: true }, features: [{ name: 'a', dtype: 'f32' }] },
    });
  });

  it('takes null for absent unless the field is nullable, and drops it where there is no default', () => {
    const value = { spec: { replicas: null, nick: null, plain: null, cache: null } };
    applyDefaults(schema, value);
    expect(value).toEqual({ spec: { replicas: 1, nick: null, cache: { enabled: true } } });
  });

  it('never shares a default between objects', () => {
    const [a, b] = [{ spec: {} as Record<string, object> }, { spec: {} as Record<string, object> }];
    applyDefaults(schema, a);
    applyDefaults(schema, b);
    expect(a.spec['cache']).not.toBe(b.spec['cache']);
  });
});

describe('pruneUnknown', () => {
  it('removes and names what the schema does not declare, in document order', () => {
    const value = {
      apiVersion: 'a/v1',
      kind: 'A',
      metadata: { name: 'x', odd: 1 },
      spec: { zip: 1, features: [{ name: 'f', z: 1 }], free: { deep: { x: [1] } }, labels: { any: 'y' } },
      top: 1,
    };
    expect(pruneUnknown(schema, value)).toEqual(['metadata.odd', 'spec.zip', 'spec.features[0].z', 'top']);
    expect(value).toEqual({
      apiVersion: 'a/v1',
      kind: 'A',
      metadata: { name: 'x' },
      spec: { features: [{ name: 'f' }], free: { deep: { x: [1] } }, labels: { any: 'y' } },
    });
  });

  it('knows the fields of built-in kinds', () => {
    const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', imagee: 'x' }] } };
    expect(pruneUnknown(builtinSchema('', 'v1', 'Pod') ?? {}, pod)).toEqual(['spec.containers[0].imagee']);
  });

  it('treats inherited names as any other unknown field', () => {
    const value = JSON.parse('{"spec":{"constructor":1,"__proto__":{"a":1}}}') as unknown;
    expect(pruneUnknown(schema, value)).toEqual(['spec.constructor', 'spec.__proto__']);
  });
});

describe('duplicateFields', () => {
  it('names every field that stands twice, once', () => {
    const text = '{"a":1,"b":{"c":[{"d":1},{"d":1,"d":2,"d":3}],"c":0},"a":2,"e\\"":"a:{\\"a\\"","e\\"":1}';
    expect(duplicateFields(text)).toEqual(['b.c[1].d', 'b.c', 'a', 'e"']);
  });

  it('finds none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateFields(JSON.stringify(value, undefined, 1))).toEqual([]);
      }),
      { seed: 7 },
    );
  });
});
