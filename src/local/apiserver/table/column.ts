/** How the columns of built-in kinds are written down, and the cells that many kinds share. */
import type { KubeObject } from '../../../kube/index.js';
import type { JsonObject } from '../json.js';
import { ageOf } from './duration.js';
import { objects, part, text, texts } from './read.js';
import type { Column } from './table.js';
import descriptionsJson from './column-descriptions.json' with { type: 'json' };

/** A column without its description, which is data: column-descriptions.json, by kind and column. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  readonly cell: (object: KubeObject, now: number) => unknown;
}

interface ColumnParts {
  readonly type?: string;
  /** Shown only with `-o wide`. */
  readonly wide?: boolean;
}

const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = descriptionsJson;

export function column(
  name: string,
  cell: (object: KubeObject, now: number) => unknown,
  { type = 'string', wide = false }: ColumnParts = {},
): ColumnSpec {
  return { name, type, format: '', priority: wide ? 1 : 0, cell };
}

export const NAME: ColumnSpec = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  cell: (object) => object.metadata.name,
};

export const AGE = column('Age', (object, now) => ageOf(object.metadata.creationTimestamp, now));

/** What a kind without columns of its own gets beside its name. */
export const CREATED_AT = column('Created At', (object) => object.metadata.creationTimestamp ?? null, {
  type: 'date',
});

export function describe(kind: string, spec: ColumnSpec): Column {
  const { name, type, format, priority, cell } = spec;
  const description = descriptions[kind]?.[name] ?? descriptions['*']?.[name] ?? '';
  return { definition: { name, type, format, description, priority }, cell };
}

export const NONE = '<none>';

export function orNone(value: string): string {
  return value === '' ? NONE : value;
}

/** Containers, Images and Selector, which every workload shows when wide. */
export function workloadColumns(
  templatePath: string,
  selector: (object: KubeObject) => string,
): ColumnSpec[] {
  return [...containerColumns(templatePath), column('Selector', selector, { wide: true })];
}

export function containerColumns(templatePath: string): ColumnSpec[] {
  const containers = (object: KubeObject) => objects(part(object, templatePath), 'containers');
  return [
    column('Containers', (object) => joined(containers(object), 'name'), { wide: true }),
    column('Images', (object) => joined(containers(object), 'image'), { wide: true }),
  ];
}

function joined(list: readonly JsonObject[], key: string): string {
  return list.map((item) => text(item, key)).join(',');
}

/** `app=web,tier in (a,b),!legacy`: metav1.FormatLabelSelector. */
export function formatLabelSelector(selector: JsonObject): string {
  const labels = Object.entries(part(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    written: `${key}=${String(value)}`,
  }));
  const expressions = objects(selector, 'matchExpressions').map((expression) => ({
    key: text(expression, 'key'),
    written: formatRequirement(expression),
  }));
  const all = [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return orNone(all.map((requirement) => requirement.written).join(','));
}

function formatRequirement(expression: JsonObject): string {
  const key = text(expression, 'key');
  const values = texts(expression, 'values').sort().join(',');
  switch (text(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

/** `app=x,b=c`: labels.FormatLabels of a plain map. */
export function formatLabels(labels: JsonObject): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  return orNone(pairs.sort().join(','));
}
