/** Columns of RBAC bindings; roles have the default ones. */
import type { KubeObject } from '../../../kube/index.js';
import { AGE, column, NAME, type ColumnSpec } from './column.js';
import { objects, part, text } from './read.js';

const BINDING: readonly ColumnSpec[] = [
  NAME,
  column('Role', (o) => `${text(part(o, 'roleRef'), 'kind')}/${text(part(o, 'roleRef'), 'name')}`),
  AGE,
  subjects('Users', 'User'),
  subjects('Groups', 'Group'),
  subjects('ServiceAccounts', 'ServiceAccount'),
];

function subjects(name: string, kind: string): ColumnSpec {
  const cell = (binding: KubeObject) =>
    objects(binding, 'subjects')
      .filter((subject) => subject['kind'] === kind)
      .map((subject) =>
        kind === 'ServiceAccount'
          ? `${text(subject, 'namespace')}/${text(subject, 'name')}`
          : text(subject, 'name'),
      )
      .join(', ');
  return column(name, cell, { wide: true });
}

export const ACCESS_COLUMNS: Readonly<Record<string, readonly ColumnSpec[]>> = {
  RoleBinding: BINDING,
  ClusterRoleBinding: BINDING,
};
