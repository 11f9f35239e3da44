import type { Schema } from './schema.js';

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value found at a schema path, and where it is (`spec.input.features[3]`). */
export interface Located {
  readonly path: string;
  readonly value: unknown;
  /** What stood there before; for elements of a list it is not known. */
  readonly old?: unknown;
}

/** Every value at a schema path such as `spec.input.features[]`; none where a parent is missing. */
export function valuesAt(root: unknown, schemaPath: string, oldRoot?: unknown): readonly Located[] {
  const segments = schemaPath === '' ? [] : schemaPath.split('.');
  return segments.reduce<readonly Located[]>(
    (found, segment) => found.flatMap((at) => step(at, segment)),
    [{ path: '', value: root, old: oldRoot }],
  );
}

function step(at: Located, segment: string): readonly Located[] {
  const name = segment.replace(/\[\]$/, '');
  const value = isObject(at.value) ? at.value[name] : undefined;
  const old = isObject(at.old) ? at.old[name] : undefined;
  const path = at.path === '' ? name : `${at.path}.${name}`;
  if (segment.endsWith('[]')) {
    return Array.isArray(value)
      ? value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }))
      : [];
  }
  return value === undefined ? [] : [{ path, value, old }];
}

/** A copy of the schema with `change` applied to what is at a schema path. */
export function changeSchemaAt(schema: Schema, schemaPath: string, change: (at: Schema) => Schema): Schema {
  if (schemaPath === '') return change(schema);
  const [segment = '', ...rest] = schemaPath.split('.');
  const name = segment.replace(/\[\]$/, '');
  const child = schema.properties?.[name];
  if (child === undefined) throw new RangeError(`no field ${name} in the schema`);
  const remaining = rest.join('.');
  const changed =
    segment.endsWith('[]') && child.items !== undefined
      ? { ...child, items: changeSchemaAt(child.items, remaining, change) }
      : changeSchemaAt(child, remaining, change);
  return { ...schema, properties: { ...schema.properties, [name]: changed } };
}

/** A copy of the value with the schema's defaults filled in, parents before children, as the API server does. */
export function withSchemaDefaults(schema: Schema, value: unknown): unknown {
  if (!isObject(value)) return value;
  const result: Json = { ...value };
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const present = result[name] ?? child.default;
    if (present !== undefined) result[name] = withSchemaDefaults(child, present);
  }
  return result;
}
