/** Events of both groups. Source: k8s.io/kubernetes/pkg/apis/core/validation/events.go. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject } from '../json.js';
import { invalid } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { present } from './values.js';

/** core/v1 Events: the object they are about is in their namespace. */
export function validateEvent(event: KubeObject): FieldError[] {
  const involved = isObject(event['involvedObject']) ? event['involvedObject'] : {};
  const namespace = typeof involved['namespace'] === 'string' ? involved['namespace'] : '';
  const own = event.metadata.namespace ?? '';
  const ofCluster = namespace === '' && (own === 'default' || own === 'kube-system');
  if (namespace === own || ofCluster) return [];
  return [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

/** events.k8s.io/v1 Events say when, who and what. */
export function validateNewEvent(event: KubeObject, old?: KubeObject): FieldError[] {
  const regarding = isObject(event['regarding']) ? event['regarding'] : {};
  const errors = validateEvent({ ...event, involvedObject: regarding });
  if (old !== undefined) return errors;
  const type = event['type'];
  errors.push(...present(event['eventTime'], 'eventTime'));
  if (event['eventTime'] !== undefined && event['eventTime'] !== null) {
    for (const field of ['reportingController', 'reportingInstance', 'action', 'reason']) {
      errors.push(...present(event[field], field));
    }
  }
  if (type !== 'Normal' && type !== 'Warning') {
    errors.push(invalid('type', '', `has invalid value: ${typeof type === 'string' ? type : ''}`));
  }
  return errors;
}
