/** Which columns a kind has: built-in kinds from the tables of this folder, custom ones from their definition. */
import type { KindRow, PrinterColumn } from '../kinds/kind.js';
import { ACCESS_COLUMNS } from './access-columns.js';
import { AGE, CREATED_AT, describe, NAME, type ColumnSpec } from './column.js';
import { CORE_COLUMNS } from './core-columns.js';
import { customColumn } from './custom-column.js';
import { DEFINITION_COLUMNS } from './definition-columns.js';
import { NETWORK_COLUMNS } from './network-columns.js';
import { POD_COLUMNS } from './pod-columns.js';
import type { Column } from './table.js';
import { WORKLOAD_COLUMNS } from './workload-columns.js';

const BUILTIN: Readonly<Record<string, readonly ColumnSpec[]>> = {
  Pod: POD_COLUMNS,
  ...CORE_COLUMNS,
  ...NETWORK_COLUMNS,
  ...WORKLOAD_COLUMNS,
  ...ACCESS_COLUMNS,
  ...DEFINITION_COLUMNS,
};

const DEFAULT: readonly ColumnSpec[] = [NAME, CREATED_AT];

/** Columns of a built-in kind; a kind without any of its own shows when it was created. Also for `Scale`. */
export function builtinColumns(kind: string): readonly Column[] {
  const specs = Object.hasOwn(BUILTIN, kind) ? (BUILTIN[kind] ?? DEFAULT) : DEFAULT;
  return specs.map((spec) => describe(kind, spec));
}

/** Columns of a custom resource. One whose definition names none shows its age. */
export function customColumns(printerColumns: readonly PrinterColumn[] | undefined): readonly Column[] {
  const name = describe('', NAME);
  if (printerColumns === undefined || printerColumns.length === 0) {
    const age = describe('', AGE);
    return [name, { ...age, definition: { ...age.definition, type: 'date' } }];
  }
  return [name, ...printerColumns.map(customColumn)];
}

/** The columns of a row's kind. */
export function columnsOf(row: KindRow): readonly Column[] {
  return row.custom === undefined ? builtinColumns(row.kind) : customColumns(row.columns);
}
