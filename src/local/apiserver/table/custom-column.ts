/** One of a custom resource's additionalPrinterColumns, with the cells of apiextensions' table convertor. */
import type { KubeObject } from '../../../kube/index.js';
import type { PrinterColumn } from '../kinds/kind.js';
import { ageOf } from './duration.js';
import { findAll, parseJsonPath } from './json-path.js';
import type { Column } from './table.js';

/** The first value at the column's path, or null where there is none or it has another type than the column. */
export function customColumn(column: PrinterColumn): Column {
  const path = parseJsonPath(column.jsonPath);
  const description = column.description ?? '';
  const definition = {
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description:
      description === ''
        ? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`
        : description,
    priority: column.priority ?? 0,
  };
  const cell = (object: KubeObject, now: number): unknown => {
    const [value] = path === undefined ? [] : findAll(path, object);
    return value === undefined || value === null ? null : cellOf(column.type, value, now);
  };
  return { definition, cell };
}

function cellOf(type: string, value: unknown, now: number): unknown {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value, sortedKeys);
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now);
    default:
      return null;
  }
}

/** As Go writes a map. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
