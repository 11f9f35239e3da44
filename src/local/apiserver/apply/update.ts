/** managedFields after a create, update or patch. */
import type { KubeObject } from '../../../kube/index.js';
import type { Schema } from '../schema/index.js';
import { compare, type Comparison } from './compare.js';
import type { FieldSet } from './field-set.js';
import {
  capUpdaters,
  decodeManagedFields,
  encodeManagedFields,
  identityOf,
  isReset,
  withoutServerOwned,
  type ManagedFieldsEntry,
  type ManagerId,
  type Owner,
  type Owners,
} from './managed-fields.js';
import { dispossess, give } from './ownership.js';
import { NoIdentity } from './path-element.js';
import { objectSchema } from './typed-object.js';
import { withZeroValues } from './zero-values.js';

export interface Update {
  /** The stored object; undefined for a create. */
  readonly before: KubeObject | undefined;
  /** The object to be stored, with the managedFields its client sent. */
  readonly after: KubeObject;
  readonly manager: string;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly schema: Schema | undefined;
  readonly apiVersion: string;
  /** RFC 3339, whole seconds. */
  readonly time: string;
  /** Top-level fields this endpoint never writes, such as `status` for the object of a kind that has /status. */
  readonly resetFields?: readonly string[];
}

/**
 * The entries to store with `after`. The manager owns what it added or changed, others lose that and what is gone. An
 * object whose entries were cleared stays without any, and so does one with list items nothing tells apart.
 */
export function updateManagedFields(update: Update): ManagedFieldsEntry[] {
  const owners = startingOwners(update);
  if (owners.size === 0 && update.before !== undefined) return [];
  try {
    return encodeManagedFields(ownersAfterUpdate(owners, update));
  } catch (error) {
    if (error instanceof NoIdentity) return [];
    throw error;
  }
}

/** The client may send entries of its own, to edit or clear them; a subresource may not. */
function startingOwners({ before, after, subresource }: Update): Owners {
  const stored = decodeManagedFields(before?.metadata.managedFields) ?? new Map<string, Owner>();
  if (subresource !== '') return stored;
  const sent: unknown = after.metadata.managedFields;
  if (isReset(sent)) return new Map();
  const owners = decodeManagedFields(sent);
  return owners === undefined || owners.size === 0 ? stored : owners;
}

/** Ownership after `update` by somebody who does not ask: no conflicts. */
export function ownersAfterUpdate(owners: Owners, update: Update): Owners {
  const { manager, subresource, apiVersion, time } = update;
  const id: ManagerId = { manager: manager || 'unknown', operation: 'Update', apiVersion, subresource };
  const change = changeOf(update);
  const left = dispossess(owners, change, '');
  const taken = change.added.union(change.modified);
  if (!taken.isEmpty()) give(left, identityOf(id), { ...id, time, set: taken });
  return capUpdaters(left);
}

function changeOf({ before, after, schema, resetFields = [] }: Update): Comparison {
  const full = objectSchema(schema);
  const change = compare(withZeroValues(before ?? {}, after), withZeroValues(after, after), full);
  const clean = (set: FieldSet) => withoutServerOwned(set).withoutFields(resetFields);
  return {
    added: clean(change.added),
    modified: clean(change.modified),
    removed: change.removed.withoutFields(resetFields),
  };
}
