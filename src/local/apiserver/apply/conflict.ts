/** The refusal of an apply that would take fields from their owners. */
import { applyConflict, type StatusError } from '../status.js';
import type { FieldSet } from './field-set.js';
import { identityOf, type Owner } from './managed-fields.js';

/** What an apply would take from one owner. */
export interface Conflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

export function conflictRefusal(conflicts: readonly Conflict[]): StatusError {
  const sorted = [...conflicts].sort((a, b) => (identityOf(a.owner) < identityOf(b.owner) ? -1 : 1));
  const byManager = sorted.map(({ owner, fields }) => ({ who: printOwner(owner), paths: fields.paths() }));
  const causes = byManager.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  return applyConflict(messageOf(byManager, causes.length), causes);
}

function messageOf(byManager: readonly { who: string; paths: readonly string[] }[], count: number): string {
  const [first] = byManager;
  if (count === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.who}: ${first.paths[0] ?? ''}`;
  }
  const lines = byManager.flatMap(({ who, paths }) => [
    `conflicts with ${who}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

/** `"alice"`, or for what was not applied `"kubectl" with subresource "status" using apps/v1`. */
function printOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = JSON.stringify(manager);
  const who = subresource === '' ? name : `${name} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${who} using ${apiVersion}` : who;
}
