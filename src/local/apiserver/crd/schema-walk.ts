/** Visits a definition's schema node by node, with the paths its errors are reported under. */
import type { Schema } from '../schema/index.js';

/** How a node hangs on its parent. */
export type Position = 'root' | 'property' | 'items' | 'additionalProperties';

export interface SchemaNode {
  readonly schema: Schema;
  readonly path: string;
  readonly position: Position;
}

/** The nodes that say what a value is made of (not those of allOf, anyOf, oneOf and not), parents first. */
export function structuralNodes(schema: Schema, path: string): SchemaNode[] {
  const nodes: SchemaNode[] = [];
  const visit = (node: Schema, at: string, position: Position) => {
    nodes.push({ schema: node, path: at, position });
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      visit(property, `${at}.properties[${name}]`, 'property');
    }
    if (node.items !== undefined && !Array.isArray(node.items)) visit(node.items, `${at}.items`, 'items');
    if (typeof node.additionalProperties === 'object') {
      visit(node.additionalProperties, `${at}.additionalProperties`, 'additionalProperties');
    }
  };
  visit(schema, path, 'root');
  return nodes;
}

/** The schemas a node combines, with their paths: `allOf[0]`, `not`. */
export function combinedNodes(schema: Schema, path: string): { schema: Schema; path: string }[] {
  const list = (key: 'allOf' | 'anyOf' | 'oneOf') =>
    (schema[key] ?? []).map((one, i) => ({ schema: one, path: `${path}.${key}[${i}]` }));
  const not = schema.not === undefined ? [] : [{ schema: schema.not, path: `${path}.not` }];
  return [...list('allOf'), ...list('anyOf'), ...list('oneOf'), ...not];
}
