/** The status of kinds that have rules for it. Source: k8s.io/kubernetes/pkg/apis/{apps,core}/validation. */
import { isIP } from 'node:net';
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject } from '../json.js';
import { invalid } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { nonNegative } from './values.js';

function statusOf(object: KubeObject): JsonObject {
  return isObject(object['status']) ? object['status'] : {};
}

function countAt(status: JsonObject, field: string): number {
  const value = status[field];
  return typeof value === 'number' ? value : 0;
}

const COUNTS = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'];

function notAbove(status: JsonObject, field: string, bound: string): FieldError[] {
  const value = countAt(status, field);
  if (value <= countAt(status, bound)) return [];
  return [
    invalid(
      `status.${field}`,
      value,
      `cannot be greater than ${bound === 'replicas' ? 'status.replicas' : bound}`,
    ),
  ];
}

export function validateDeploymentStatus(deployment: KubeObject): FieldError[] {
  const status = statusOf(deployment);
  return [
    ...COUNTS.flatMap((field) => nonNegative(countAt(status, field), `status.${field}`)),
    ...notAbove(status, 'updatedReplicas', 'replicas'),
    ...notAbove(status, 'readyReplicas', 'replicas'),
    ...notAbove(status, 'availableReplicas', 'replicas'),
    ...notAbove(status, 'availableReplicas', 'readyReplicas'),
  ];
}

/** podIPs, or the one podIP where they are not given. */
export function validatePodStatus(pod: KubeObject): FieldError[] {
  const { podIP, podIPs } = statusOf(pod);
  const list = Array.isArray(podIPs) ? podIPs.map((entry) => (isObject(entry) ? entry['ip'] : '')) : [];
  const [, ...others] = list;
  const ips = podIP === undefined ? list : [podIP, ...others];
  return ips.flatMap((ip, i) => {
    if (typeof ip === 'string' && (ip === '' || isIP(ip) !== 0)) return [];
    return [
      invalid(`status.podIPs[${i}]`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
    ];
  });
}
