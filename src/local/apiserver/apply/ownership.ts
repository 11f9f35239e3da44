/** How a change moves fields between owners: structured-merge-diff's Updater. */
import type { Comparison } from './compare.js';
import type { Conflict } from './conflict.js';
import { FieldSet } from './field-set.js';
import type { Owner, Owners } from './managed-fields.js';

/** What of the change other owners than `self` hold. */
export function conflictsOf(owners: Owners, change: Comparison, self: string): Conflict[] {
  const changed = change.modified.union(change.added);
  return [...owners]
    .filter(([id]) => id !== self)
    .map(([, owner]) => ({ owner, fields: owner.set.intersection(changed) }))
    .filter(({ fields }) => !fields.isEmpty());
}

/** The owners after others than `self` lost what changed and everybody else lost what is gone. */
export function dispossess(owners: Owners, change: Comparison, self: string): Map<string, Owner> {
  const changed = change.modified.union(change.added);
  const left = new Map<string, Owner>();
  for (const [id, owner] of owners) {
    const set = id === self ? owner.set : owner.set.difference(changed).difference(change.removed);
    if (!set.isEmpty()) left.set(id, set === owner.set ? owner : { ...owner, set });
  }
  return left;
}

/** `owner` added to `owners`, or its fields to those of the same identity. Nobody owns an empty set. */
export function give(owners: Map<string, Owner>, id: string, owner: Owner): void {
  const set = (owners.get(id)?.set ?? FieldSet.EMPTY).union(owner.set);
  if (set.isEmpty()) owners.delete(id);
  else owners.set(id, { ...owner, set });
}
