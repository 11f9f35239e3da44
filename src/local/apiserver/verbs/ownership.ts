/** Who owns which field after a write. */
import type { KubeObject } from '../../../kube/index.js';
import { type ManagedFieldsEntry, type Update, updateManagedFields } from '../apply/index.js';
import { apiVersionOf, type KindRow } from '../kinds/kind.js';
import { type Call, type Core, timestamp } from './call.js';
import type { WriteOptions } from './requestOptions.js';

export interface Write {
  readonly call: Call;
  readonly options: WriteOptions;
  /** '' for the object itself. */
  readonly subresource: string;
}

/** The top-level fields an endpoint never writes. */
export function resetFields(row: KindRow, subresource: string): readonly string[] {
  if (!row.status) return [];
  if (subresource !== 'status') return ['status'];
  return row.custom === undefined ? ['spec'] : ['spec', 'metadata'];
}

/** An object that does not fit its schema has no field sets; what is wrong with it validation says, right after. */
function entriesOrNone(update: Update): ManagedFieldsEntry[] | undefined {
  try {
    return updateManagedFields(update);
  } catch {
    return undefined;
  }
}

/** The object with managedFields for an Update by the request's manager. */
export function withOwnership(
  core: Core,
  after: KubeObject,
  before: KubeObject | undefined,
  { call, options, subresource }: Write,
): KubeObject {
  const { row } = call;
  const managedFields = entriesOrNone({
    before,
    after,
    manager: options.fieldManager,
    subresource,
    schema: row.schema(),
    apiVersion: apiVersionOf(row),
    time: timestamp(core.clock),
    resetFields: resetFields(row, subresource),
  });
  if (managedFields === undefined) return after;
  return { ...after, metadata: { ...after.metadata, managedFields } };
}
