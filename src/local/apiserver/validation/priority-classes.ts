/** PriorityClasses. Source: k8s.io/kubernetes/pkg/apis/scheduling/validation. */
import type { KubeObject } from '../../../kube/index.js';
import { forbidden } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';

const HIGHEST_USER_PRIORITY = 1_000_000_000;

export function validatePriorityClass(priorityClass: KubeObject, old?: KubeObject): FieldError[] {
  const { name } = priorityClass.metadata;
  const value = typeof priorityClass['value'] === 'number' ? priorityClass['value'] : 0;
  const errors: FieldError[] = [];
  const isSystem = name === 'system-node-critical' || name === 'system-cluster-critical';
  if (!isSystem && name.startsWith('system-')) {
    const detail =
      "priority class names with 'system-' prefix are reserved for system use only. error: " + name;
    errors.push(forbidden('metadata.name', `${detail} is not a known system priority class`));
  }
  if (!isSystem && value > HIGHEST_USER_PRIORITY) {
    const detail = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
    errors.push(forbidden('value', detail));
  }
  if (old !== undefined && value !== old['value']) {
    errors.push(forbidden('value', 'may not be changed in an update.'));
  }
  return errors;
}
