/**
 * Schemas of built-in kinds: definitions.json (generated from the client's models by scripts/generate-schemas.js) under
 * the overlay of merge rules. A kind is resolved when it is first asked for; definitions that several kinds use are one
 * node, and recursive ones (JSONSchemaProps) are cycles.
 */
import definitionsJson from './definitions.json' with { type: 'json' };
import { FIELD_DEFAULTS } from './builtin-defaults.js';
import { ATOMIC_DEFINITIONS, FIELD_OVERLAY, GRANULAR_FIELDS } from './overlay.js';
import type { Schema } from './schema.js';

/** A definition as generated: other definitions are named by `$ref`. */
export interface Definition extends Omit<Schema, 'properties' | 'items' | 'additionalProperties'> {
  $ref?: string;
  properties?: Record<string, Definition>;
  items?: Definition;
  additionalProperties?: Definition;
}

export const definitions = definitionsJson as unknown as Readonly<Record<string, Definition>>;

const resolved = new Map<string, Schema>();

/** The last part of a definition's name: `Container` of `io.k8s.api.core.v1.Container`. */
export function shortName(definition: string): string {
  return definition.slice(definition.lastIndexOf('.') + 1);
}

/** The name of a kind's definition in OpenAPI documents, such as `io.k8s.api.apps.v1.Deployment`. */
export function definitionName(group: string, version: string, kind: string): string {
  if (group === 'apiextensions.k8s.io')
    return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  if (kind === 'DeleteOptions' || kind === 'Status') return `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`;
  const packageName = group === '' ? 'core' : group.split('.')[0];
  return `io.k8s.api.${packageName}.${version}.${kind}`;
}

/** The schema of a built-in kind; undefined when this group and version has no such kind. Never changed by callers. */
export function builtinSchema(group: string, version: string, kind: string): Schema | undefined {
  const name = definitionName(group, version, kind);
  return definitions[name] === undefined ? undefined : resolve(name);
}

/** The schema of every object's metadata. */
export function builtinMetadata(): Schema {
  return resolve('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
}

/** A field under its rows of the overlay and of the defaults; the same node when there are none. */
export function overlaid<T extends Schema | Definition>(definition: string, field: string, schema: T): T {
  const row = `${definition}.${field}`;
  const merge = GRANULAR_FIELDS.has(row)
    ? ({ 'x-kubernetes-map-type': 'granular' } as const)
    : FIELD_OVERLAY[row];
  const value = FIELD_DEFAULTS[row];
  if (merge === undefined && value === undefined) return schema;
  return { ...schema, ...merge, ...(value === undefined ? {} : { default: value }) };
}

function resolve(name: string): Schema {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`definitions.json has no ${name}`);
  const short = shortName(name);
  const schema: Schema = { type: 'object', properties: {} };
  resolved.set(name, schema);
  if (definition.required !== undefined) schema.required = definition.required;
  if (ATOMIC_DEFINITIONS.has(short)) schema['x-kubernetes-map-type'] = 'atomic';
  const properties = schema.properties ?? {};
  for (const [field, node] of Object.entries(definition.properties ?? {})) {
    properties[field] = overlaid(short, field, resolveNode(node));
  }
  return schema;
}

function resolveNode(node: Definition): Schema {
  if (node.$ref !== undefined) return resolve(node.$ref);
  if (node.items !== undefined) return { type: 'array', items: resolveNode(node.items) };
  if (node.additionalProperties !== undefined) {
    return { type: 'object', additionalProperties: resolveNode(node.additionalProperties) };
  }
  return node;
}
