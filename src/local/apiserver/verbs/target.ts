import type { KindRow } from '../kinds/kind.js';
import type { Schema } from '../schema/index.js';

/** What a body must be: a row's kind, or another one at a subresource (Scale, Eviction). */
export interface Target {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly custom: boolean;
  readonly schema: () => Schema | undefined;
}

export function targetOf(row: KindRow): Target {
  return {
    group: row.group,
    version: row.version,
    kind: row.kind,
    custom: row.custom !== undefined,
    schema: row.schema,
  };
}
