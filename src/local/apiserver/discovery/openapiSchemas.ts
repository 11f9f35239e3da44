/** components.schemas of an OpenAPI v3 document: a kind's definition and every definition it refers to. */
import type { KindRow } from '../kinds/kind.js';
import { type Definition, definitionName, definitions, overlaid, shortName } from '../schema/builtin.js';
import descriptionsJson from '../schema/descriptions.json' with { type: 'json' };

const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = descriptionsJson;
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const LIST_META = `${META}.ListMeta`;
const OBJECT_META = `${META}.ObjectMeta`;

type Node = Record<string, unknown>;

const TEXT = { type: 'string' };

export function schemasOf(rows: readonly KindRow[]): Record<string, unknown> {
  const collector = new Collector();
  for (const row of rows) {
    if (row.custom === undefined) collector.addBuiltin(row);
    else collector.addCustom(row);
  }
  return collector.schemas;
}

class Collector {
  readonly schemas: Record<string, Node> = {};

  addBuiltin(row: KindRow): void {
    const name = definitionName(row.group, row.version, row.kind);
    this.definition(name);
    const schema = this.schemas[name];
    if (schema === undefined) return;
    schema['x-kubernetes-group-version-kind'] = [{ group: row.group, version: row.version, kind: row.kind }];
    this.list(row, name);
  }

  addCustom(row: KindRow): void {
    const name = `${row.group.split('.').reverse().join('.')}.${row.version}.${row.kind}`;
    const schema = row.schema();
    this.definition(OBJECT_META);
    const texts = descriptions[definitionName('', 'v1', 'ConfigMap')] ?? {};
    this.schemas[name] = {
      ...schema,
      type: 'object',
      properties: {
        ...schema?.properties,
        apiVersion: { ...TEXT, description: texts['apiVersion'] ?? '' },
        kind: { ...TEXT, description: texts['kind'] ?? '' },
        metadata: {
          description:
            "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
          allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }],
        },
      },
      'x-kubernetes-group-version-kind': [{ group: row.group, version: row.version, kind: row.kind }],
    };
    this.list(row, name);
  }

  private list(row: KindRow, itemName: string): void {
    this.schemas[LIST_META] ??= {
      type: 'object',
      description:
        'ListMeta describes metadata that synthetic resources must have, including lists and various status objects.',
      properties: {
        continue: TEXT,
        remainingItemCount: { type: 'integer', format: 'int64' },
        resourceVersion: TEXT,
      },
    };
    this.schemas[`${itemName}List`] = {
      type: 'object',
      description: `${row.listKind} is a list of ${row.kind}`,
      required: ['items'],
      properties: {
        apiVersion: TEXT,
        kind: TEXT,
        items: { type: 'array', items: { $ref: `#/components/schemas/${itemName}` } },
        metadata: { allOf: [{ $ref: `#/components/schemas/${LIST_META}` }] },
      },
      'x-kubernetes-group-version-kind': [{ group: row.group, version: row.version, kind: row.listKind }],
    };
  }

  private definition(name: string): void {
    const definition = definitions[name];
    if (definition === undefined || this.schemas[name] !== undefined) return;
    const texts = descriptions[name] ?? {};
    const schema: Node = { type: definition.type ?? 'object' };
    this.schemas[name] = schema;
    if (texts[''] !== undefined) schema['description'] = texts[''];
    if (definition.required !== undefined) schema['required'] = definition.required;
    if (definition.properties === undefined) {
      Object.assign(schema, definition);
      return;
    }
    const properties: Record<string, Node> = {};
    for (const [field, node] of Object.entries(definition.properties)) {
      properties[field] = this.field(overlaid(shortName(name), field, node), texts[field]);
    }
    schema['properties'] = properties;
  }

  /** A reference carries its description and extensions beside an allOf, as OpenAPI v3 has it. */
  private field(node: Definition, description: string | undefined): Node {
    const result = this.node(node);
    const text = description === undefined ? {} : { description };
    if (node.$ref === undefined) return { ...result, ...text };
    const { $ref: _ref, ...extensions } = node;
    return { ...extensions, ...text, allOf: [result] };
  }

  private node(node: Definition): Node {
    if (node.$ref !== undefined) {
      this.definition(node.$ref);
      return { $ref: `#/components/schemas/${node.$ref}` };
    }
    const { items, additionalProperties, ...rest } = node;
    return {
      ...rest,
      ...(items === undefined ? {} : { type: 'array', items: this.node(items) }),
      ...(additionalProperties === undefined
        ? {}
        : { type: 'object', additionalProperties: this.node(additionalProperties) }),
    };
  }
}
