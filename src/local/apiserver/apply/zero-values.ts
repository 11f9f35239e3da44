/**
 * What Go's types of built-in kinds always have, though a client leaves it out: structs that are not pointers, and
 * fields without omitempty. To the API server they are there before anybody sets them, so nobody comes to own them by
 * themselves; in a custom resource nothing is there before it is set.
 */
import type { KubeObject } from '../../../kube/index.js';
import { getOwn, isObject, setOwn, type JsonObject } from '../json.js';

const META: JsonObject = { metadata: {} };
const META_SPEC_STATUS: JsonObject = { metadata: {}, spec: {}, status: {} };
const META_SPEC: JsonObject = { metadata: {}, spec: {} };
const TEMPLATE: JsonObject = { metadata: { creationTimestamp: null }, spec: { containers: null } };
const JOB_SPEC: JsonObject = { template: TEMPLATE };

/** By `group/Kind`; kinds that are not here are custom resources. */
const ZERO_VALUES: Readonly<Record<string, JsonObject>> = {
  '/ConfigMap': META,
  '/Secret': META,
  '/ServiceAccount': META,
  '/Endpoints': META,
  '/Event': {
    metadata: {},
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  '/Namespace': META_SPEC_STATUS,
  '/Node': {
    metadata: {},
    spec: {},
    status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: {} },
  },
  '/Pod': { metadata: {}, spec: { containers: null }, status: {} },
  '/PersistentVolume': META_SPEC_STATUS,
  '/PersistentVolumeClaim': { metadata: {}, spec: { resources: {} }, status: {} },
  '/ReplicationController': { metadata: {}, spec: {}, status: { replicas: 0 } },
  '/LimitRange': { metadata: {}, spec: { limits: null } },
  '/ResourceQuota': META_SPEC_STATUS,
  '/Service': { metadata: {}, spec: {}, status: { loadBalancer: {} } },
  'apps/Deployment': { metadata: {}, spec: { selector: null, template: TEMPLATE, strategy: {} }, status: {} },
  'apps/ReplicaSet': { metadata: {}, spec: { selector: null }, status: { replicas: 0 } },
  'apps/StatefulSet': {
    metadata: {},
    spec: { selector: null, template: TEMPLATE, serviceName: '', updateStrategy: {} },
    status: { replicas: 0 },
  },
  'apps/DaemonSet': {
    metadata: {},
    spec: { selector: null, template: TEMPLATE, updateStrategy: {} },
    status: {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
  },
  'apps/ControllerRevision': { metadata: {}, data: null, revision: 0 },
  'batch/Job': { metadata: {}, spec: JOB_SPEC, status: {} },
  'batch/CronJob': {
    metadata: {},
    spec: { schedule: '', jobTemplate: { metadata: { creationTimestamp: null }, spec: JOB_SPEC } },
    status: {},
  },
  'autoscaling/HorizontalPodAutoscaler': {
    metadata: {},
    spec: { scaleTargetRef: {}, maxReplicas: 0 },
    status: { desiredReplicas: 0, currentMetrics: null },
  },
  'policy/PodDisruptionBudget': {
    metadata: {},
    spec: {},
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  },
  'discovery.k8s.io/EndpointSlice': { metadata: {}, addressType: '', endpoints: null, ports: null },
  'coordination.k8s.io/Lease': META_SPEC,
  'networking.k8s.io/NetworkPolicy': { metadata: {}, spec: { podSelector: {} } },
  'networking.k8s.io/Ingress': { metadata: {}, spec: {}, status: { loadBalancer: {} } },
  'networking.k8s.io/IngressClass': META_SPEC,
  'rbac.authorization.k8s.io/Role': { metadata: {}, rules: null },
  'rbac.authorization.k8s.io/ClusterRole': { metadata: {}, rules: null },
  'rbac.authorization.k8s.io/RoleBinding': { metadata: {}, roleRef: {} },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { metadata: {}, roleRef: {} },
  'events.k8s.io/Event': {
    metadata: {},
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  },
  'scheduling.k8s.io/PriorityClass': { metadata: {}, value: 0 },
  'storage.k8s.io/StorageClass': { metadata: {}, provisioner: '' },
  'apiextensions.k8s.io/CustomResourceDefinition': {
    metadata: {},
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
  },
};

function zeroOf({ apiVersion, kind }: KubeObject): JsonObject | undefined {
  const [group = '', version] = apiVersion.split('/');
  return ZERO_VALUES[`${version === undefined ? '' : group}/${kind}`];
}

/** `value`, an object of the kind of `object`, with the zero values it lacks. */
export function withZeroValues(value: JsonObject, object: KubeObject): JsonObject {
  const zero = zeroOf(object);
  return zero === undefined ? value : filled(value, zero);
}

/** `object` without the empty structs that are there anyway: `spec: {}` says nothing about a Deployment. */
export function withoutEmptyStructs(object: KubeObject): JsonObject {
  const zero = zeroOf(object);
  return zero === undefined ? object : emptied(object, zero);
}

function emptied(value: JsonObject, zero: JsonObject): JsonObject {
  const left: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    const nothing = getOwn(zero, key);
    if (!isObject(child) || !isObject(nothing)) setOwn(left, key, child);
    else if (Object.keys(child).length > 0) setOwn(left, key, emptied(child, nothing));
  }
  return left;
}

function filled(value: JsonObject, zero: JsonObject): JsonObject {
  const full: JsonObject = { ...value };
  for (const [key, nothing] of Object.entries(zero)) {
    const present = getOwn(full, key);
    if (present === undefined) setOwn(full, key, nothing);
    else if (isObject(present) && isObject(nothing)) setOwn(full, key, filled(present, nothing));
  }
  return full;
}
