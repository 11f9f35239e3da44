/** Leases. Source: k8s.io/kubernetes/pkg/apis/coordination/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { invalid } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { positive } from './values.js';

interface LeaseSpec {
  readonly leaseDurationSeconds?: number;
  readonly leaseTransitions?: number;
}

export function validateLease(lease: KubeObject): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = (lease['spec'] ?? {}) as LeaseSpec;
  const errors = positive(leaseDurationSeconds, 'spec.leaseDurationSeconds');
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    // The server's own grammar.
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must to greater or equal than 0'));
  }
  return errors;
}
