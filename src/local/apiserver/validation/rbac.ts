/** Roles and their bindings. Source: k8s.io/kubernetes/pkg/apis/rbac/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { immutable, oneOf, present } from './values.js';

interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export function validateRole(role: KubeObject): FieldError[] {
  const rules = (role['rules'] ?? []) as readonly PolicyRule[];
  const namespaced = role.kind === 'Role';
  return rules.flatMap((rule, i) => {
    const at = `rules[${i}]`;
    const urls = rule.nonResourceURLs ?? [];
    const errors =
      (rule.verbs ?? []).length === 0
        ? [required(`${at}.verbs`, 'verbs must contain at least one value')]
        : [];
    if (urls.length > 0) {
      if (namespaced) {
        const detail = 'namespaced rules cannot apply to non-resource URLs';
        errors.push(invalid(`${at}.nonResourceURLs`, urls, detail));
      }
      if ((rule.apiGroups ?? []).length + (rule.resources ?? []).length > 0) {
        const detail = 'rules cannot apply to both regular resources and non-resource URLs';
        errors.push(invalid(`${at}.nonResourceURLs`, urls, detail));
      }
      return errors;
    }
    if ((rule.apiGroups ?? []).length === 0) {
      errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if ((rule.resources ?? []).length === 0) {
      errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
    }
    return errors;
  });
}

const RBAC = 'rbac.authorization.k8s.io';

interface RoleRef {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}

interface Subject extends RoleRef {
  readonly namespace?: string;
}

export function validateBinding(binding: KubeObject, old?: KubeObject): FieldError[] {
  const roleRef = (binding['roleRef'] ?? {}) as RoleRef;
  const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors = [
    ...oneOf(roleRef.apiGroup ?? '', [RBAC], 'roleRef.apiGroup'),
    ...oneOf(roleRef.kind ?? '', kinds, 'roleRef.kind'),
    ...present(roleRef.name, 'roleRef.name'),
  ];
  ((binding['subjects'] ?? []) as readonly Subject[]).forEach((subject, i) => {
    errors.push(...validateSubject(subject, `subjects[${i}]`));
  });
  return old === undefined ? errors : [...errors, ...cannotChange(roleRef, old['roleRef'])];
}

function cannotChange(roleRef: RoleRef, old: unknown): FieldError[] {
  const changed = immutable(roleRef, old, 'roleRef').length > 0;
  return changed ? [invalid('roleRef', roleRef, 'cannot change roleRef')] : [];
}

function validateSubject({ kind = '', name, namespace, apiGroup = '' }: Subject, at: string): FieldError[] {
  const errors = present(name, `${at}.name`);
  if (kind === 'ServiceAccount') {
    errors.push(...present(namespace, `${at}.namespace`));
    if (apiGroup !== '') errors.push(notSupported(`${at}.apiGroup`, apiGroup, ['']));
  } else if (kind === 'User' || kind === 'Group') {
    errors.push(...oneOf(apiGroup, [RBAC], `${at}.apiGroup`));
  } else {
    errors.push(notSupported(`${at}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}
