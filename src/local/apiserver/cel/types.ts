/**
 * CEL types of a schema's values, and those values. Objects with declared fields become classes of their own, so that the
 * checker knows their fields; maps stay maps.
 * Source: k8s.io/apiserver/pkg/cel/common (SchemaDeclType) and openapi.
 */
import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { isObject, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { sameValue } from './equality.js';
import { celFieldName } from './field-names.js';
import { parseDuration } from './libraries/durations.js';

/** A type in the environment and how JSON becomes one of its values. */
export interface ValueType {
  /** As the library writes it: `int`, `list<string>`, `Object1`. */
  readonly name: string;
  /** Throws a TypeError where the JSON does not have the type. */
  toCel(value: unknown): unknown;
}

const METADATA: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** Every schema has these at its root, and so do embedded resources. */
export function withResourceFields(schema: Schema): Schema {
  const text: Schema = { type: 'string' };
  return {
    ...schema,
    type: 'object',
    properties: { ...schema.properties, apiVersion: text, kind: text, metadata: METADATA },
  };
}

function scalar(name: string, convert: (value: unknown) => unknown): ValueType {
  return { name, toCel: convert };
}

function expectType<T>(check: (value: unknown) => value is T): (value: unknown) => T {
  return (value) => {
    if (!check(value)) throw new TypeError('value does not have its declared type');
    return value;
  };
}

const asString = expectType((value): value is string => typeof value === 'string');
const asNumber = expectType((value): value is number => typeof value === 'number');
const asBoolean = expectType((value): value is boolean => typeof value === 'boolean');

const STRING = scalar('string', asString);
const INT = scalar('int', (value) => BigInt(Math.trunc(asNumber(value))));
const DOUBLE = scalar('double', asNumber);
const BOOL = scalar('bool', asBoolean);
const BYTES = scalar('bytes', (value) => new Uint8Array(Buffer.from(asString(value), 'base64')));
const TIMESTAMP = scalar('google.protobuf.Timestamp', (value) => new Date(asString(value)));
const DURATION = scalar('google.protobuf.Duration', (value) => {
  const nanos = parseDuration(asString(value));
  if (nanos === undefined) throw new TypeError('value does not have its declared type');
  return new Duration(nanos / 1_000_000_000n, Number(nanos % 1_000_000_000n));
});
/** An integer or a string. */
const INT_OR_STRING = scalar('dyn', (value) =>
  typeof value === 'number' ? BigInt(Math.trunc(value)) : asString(value),
);

/** Declares in `environment` what the values of `schema` are. Undefined when expressions cannot see them. */
export function declareType(environment: Environment, schema: Schema): ValueType | undefined {
  return new Declarations(environment).typeOf(schema);
}

class Declarations {
  readonly #environment: Environment;
  #objects = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  typeOf(schema: Schema): ValueType | undefined {
    if (schema['x-kubernetes-int-or-string'] === true) return INT_OR_STRING;
    if (schema['x-kubernetes-embedded-resource'] === true) return this.#object(withResourceFields(schema));
    switch (schema.type) {
      case 'array':
        return this.#list(schema);
      case 'object':
        return this.#objectOrMap(schema);
      case 'string':
        return stringType(schema.format);
      case 'boolean':
        return BOOL;
      case 'number':
        return DOUBLE;
      case 'integer':
        return INT;
      default:
        return undefined;
    }
  }

  #list(schema: Schema): ValueType | undefined {
    const items = schema.items === undefined ? undefined : this.typeOf(schema.items);
    if (items === undefined) return undefined;
    return {
      name: `list<${items.name}>`,
      toCel: (value) => expectType(Array.isArray)(value).map((item) => items.toCel(item)),
    };
  }

  #objectOrMap(schema: Schema): ValueType | undefined {
    const additional = schema.additionalProperties;
    if (typeof additional !== 'object') return this.#object(schema);
    const values = this.typeOf(additional);
    if (values === undefined) return undefined;
    return {
      name: `map<string, ${values.name}>`,
      toCel: (value) => {
        const entries = Object.entries(expectType(isObject)(value));
        return new Map(entries.map(([key, item]) => [key, values.toCel(item)]));
      },
    };
  }

  #object(schema: Schema): ValueType {
    const name = `Object${++this.#objects}`;
    const fields = new Map<string, { celName: string; type: ValueType }>();
    for (const [field, node] of Object.entries(schema.properties ?? {})) {
      const celName = celFieldName(field);
      const type = celName === undefined ? undefined : this.typeOf(node);
      if (celName !== undefined && type !== undefined) fields.set(field, { celName, type });
    }
    /** Its own class: the library finds a value's type by its constructor. */
    const ObjectValue = class {
      constructor(json: JsonObject) {
        for (const [field, value] of Object.entries(json)) {
          const known = fields.get(field);
          if (known === undefined || value === null) continue;
          Object.defineProperty(this, known.celName, { value: known.type.toCel(value), enumerable: true });
        }
      }
    };
    const declared = Array.from(fields.values(), ({ celName, type }) => [celName, type.name]);
    this.#environment.registerType(name, {
      ctor: ObjectValue,
      fields: Object.fromEntries(declared) as Record<string, string>,
    });
    this.#environment.registerOperator(`${name} == ${name}`, sameValue);
    return { name, toCel: (value) => new ObjectValue(expectType(isObject)(value)) };
  }
}

function stringType(format: string | undefined): ValueType {
  if (format === 'byte') return BYTES;
  if (format === 'duration') return DURATION;
  return format === 'date' || format === 'date-time' ? TIMESTAMP : STRING;
}
