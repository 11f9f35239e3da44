/** Claims and classes of storage. Source: k8s.io/kubernetes/pkg/apis/{core,storage}/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { forbidden, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { immutable, oneOf, present } from './values.js';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

interface ClaimSpec {
  readonly accessModes?: readonly string[];
  readonly resources?: { requests?: Readonly<Record<string, string>> };
}

export function validateClaim(claim: KubeObject): FieldError[] {
  const { accessModes = [], resources } = (claim['spec'] ?? {}) as ClaimSpec;
  const errors = accessModes.flatMap((mode) => oneOf(mode, ACCESS_MODES, 'spec.accessModes'));
  if (accessModes.length === 0)
    errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
  if (resources?.requests?.['storage'] === undefined) errors.push(required('spec.resources[storage]'));
  return errors;
}

export function validateStorageClass(storageClass: KubeObject, old?: KubeObject): FieldError[] {
  const errors = present(storageClass['provisioner'], 'provisioner');
  if (old === undefined) return errors;
  const same = immutable(storageClass['parameters'], old['parameters'], 'parameters').length === 0;
  if (!same) errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
  return [...errors, ...immutable(storageClass['provisioner'], old['provisioner'], 'provisioner')];
}
