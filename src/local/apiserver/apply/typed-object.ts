/** The schema an object is merged by: its kind's, with apiVersion, kind and metadata as every object has them. */
import { builtinSchema, type Schema } from '../schema/index.js';

const STRING: Schema = { type: 'string' };
const cache = new WeakMap<Schema, Schema>();

/** Definitions of custom resources do not describe metadata; built-in schemas do. */
export function objectSchema(schema: Schema | undefined): Schema {
  if (schema === undefined) return root({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const complete = root(schema);
  cache.set(schema, complete);
  return complete;
}

function root(schema: Schema): Schema {
  const metadata = builtinSchema('', 'v1', 'ConfigMap')?.properties?.['metadata'];
  return {
    ...schema,
    type: 'object',
    properties: {
      ...schema.properties,
      apiVersion: STRING,
      kind: STRING,
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
}
