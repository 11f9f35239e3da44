/** Validation of built-in kinds: metadata, then what the kind's own rules say. */
import type { KubeObject } from '../../../kube/index.js';
import { validateCrd } from '../crd/validate-crd.js';
import type { FieldError } from '../status.js';
import { validateHpa, validatePdb } from './autoscaling.js';
import { validateConfigMap, validateSecret } from './config.js';
import type { BuiltinKind } from './defaults.js';
import { validateMetadata, validateMetadataUpdate } from './metadata.js';
import { dns1035Label, dnsLabel, dnsSubdomain, type NameRule, pathSegment } from './names.js';
import { validatePod } from './pods.js';
import { validateService } from './services.js';
import { validateEvent, validateNewEvent } from './events.js';
import { validateLease } from './leases.js';
import { validateEndpointSlice, validateIngress, validateNetworkPolicy } from './network.js';
import { validatePriorityClass } from './priority-classes.js';
import { validateBinding, validateRole } from './rbac.js';
import { validateClaim, validateStorageClass } from './storage.js';
import { validateDeploymentStatus, validatePodStatus } from './status.js';
import {
  validateCronJob,
  validateDaemonSet,
  validateDeployment,
  validateJob,
  validateReplicaSet,
  validateStatefulSet,
} from './workloads.js';

/** The errors of an object, as created or (with `old`) as updated. */
export type Validator = (object: KubeObject, old?: KubeObject) => FieldError[];

/** `group/Kind` -> what its names look like; DNS subdomains where there is no row. */
const NAME_RULES: Readonly<Record<string, NameRule>> = {
  '/Namespace': dnsLabel,
  '/Service': dns1035Label,
  'rbac.authorization.k8s.io/Role': pathSegment,
  'rbac.authorization.k8s.io/RoleBinding': pathSegment,
  'rbac.authorization.k8s.io/ClusterRole': pathSegment,
  'rbac.authorization.k8s.io/ClusterRoleBinding': pathSegment,
};

/** `group/Kind` -> its own rules. */
const BY_KIND: Readonly<Record<string, Validator>> = {
  '/ConfigMap': validateConfigMap,
  '/Event': validateEvent,
  '/PersistentVolumeClaim': validateClaim,
  '/Pod': validatePod,
  '/Secret': validateSecret,
  '/Service': validateService,
  'apps/DaemonSet': validateDaemonSet,
  'apps/Deployment': validateDeployment,
  'apps/ReplicaSet': validateReplicaSet,
  'apps/StatefulSet': validateStatefulSet,
  'autoscaling/HorizontalPodAutoscaler': validateHpa,
  'batch/CronJob': validateCronJob,
  'batch/Job': validateJob,
  'coordination.k8s.io/Lease': validateLease,
  'discovery.k8s.io/EndpointSlice': validateEndpointSlice,
  'events.k8s.io/Event': validateNewEvent,
  'networking.k8s.io/Ingress': validateIngress,
  'networking.k8s.io/NetworkPolicy': validateNetworkPolicy,
  'policy/PodDisruptionBudget': validatePdb,
  'rbac.authorization.k8s.io/ClusterRole': validateRole,
  'rbac.authorization.k8s.io/ClusterRoleBinding': validateBinding,
  'rbac.authorization.k8s.io/Role': validateRole,
  'rbac.authorization.k8s.io/RoleBinding': validateBinding,
  'scheduling.k8s.io/PriorityClass': validatePriorityClass,
  'storage.k8s.io/StorageClass': validateStorageClass,
  'apiextensions.k8s.io/CustomResourceDefinition': validateCrd,
};

/** `group/Kind` -> the rules of its status. */
const STATUS_BY_KIND: Readonly<Record<string, Validator>> = {
  '/Pod': validatePodStatus,
  'apps/Deployment': validateDeploymentStatus,
};

/** Every error of an object whose status is updated: nothing else of it changes. */
export function validateBuiltinStatus(kind: BuiltinKind, object: KubeObject): FieldError[] {
  return STATUS_BY_KIND[`${kind.group}/${kind.kind}`]?.(object) ?? [];
}

/** Every error of an object of a built-in kind. `namespaced` says whether the kind lives in namespaces. */
export function validateBuiltin(
  kind: BuiltinKind & { readonly namespaced: boolean },
  object: KubeObject,
  old?: KubeObject,
): FieldError[] {
  const key = `${kind.group}/${kind.kind}`;
  const own = BY_KIND[key]?.(object, old) ?? [];
  if (old !== undefined) {
    // The server checks metadata before and in the kind's strategy, and reports both.
    const metadata = validateMetadataUpdate(object.metadata, old.metadata);
    return [...metadata, ...metadata, ...own];
  }
  const name = NAME_RULES[key] ?? dnsSubdomain;
  return [...validateMetadata(object.metadata, { namespaced: kind.namespaced, name }), ...own];
}
