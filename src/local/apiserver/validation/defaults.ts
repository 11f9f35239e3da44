/** What the server fills into objects of built-in kinds: rows of schema/builtin-defaults.ts, and what depends on more than one field. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject, objectAt } from '../json.js';
import { applyDefaults, builtinSchema } from '../schema/index.js';
import { defaultCrd } from '../crd/defaults.js';
import { defaultHpa } from './hpa-defaults.js';
import { defaultPod, defaultPodTemplate } from './pod-defaults.js';
import { canonicalizeQuantities } from './quantities.js';
import { defaultService } from './service-defaults.js';

/** Enough of a KindRow to name a built-in type. */
export interface BuiltinKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const templateOfSpec = (object: KubeObject) => defaultPodTemplate(objectAt(specOf(object), 'template'));

/** `group/Kind` -> defaults beyond the table's. */
const BY_KIND: Readonly<Record<string, (object: KubeObject) => void>> = {
  '/Pod': defaultPod,
  '/PodTemplate': (object) => defaultPodTemplate(objectAt(object, 'template')),
  '/Service': defaultService,
  '/Secret': defaultSecret,
  '/Namespace': defaultNamespace,
  '/ReplicationController': templateOfSpec,
  '/Event': defaultEvent,
  'apps/Deployment': defaultDeployment,
  'apps/ReplicaSet': defaultReplicaSet,
  'apps/StatefulSet': defaultStatefulSet,
  'apps/DaemonSet': defaultDaemonSet,
  'batch/Job': (object) => defaultJobSpec(specOf(object)),
  'batch/CronJob': defaultCronJob,
  'autoscaling/HorizontalPodAutoscaler': defaultHpa,
  'networking.k8s.io/NetworkPolicy': defaultNetworkPolicy,
  'rbac.authorization.k8s.io/RoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': defaultBinding,
  'apiextensions.k8s.io/CustomResourceDefinition': defaultCrd,
};

/**
 * Fills in what the object leaves out and writes quantities in their canonical form. Changes the object in place. Types
 * must have been checked.
 */
export function defaultBuiltin(kind: BuiltinKind, object: KubeObject): void {
  const schema = builtinSchema(kind.group, kind.version, kind.kind);
  if (schema === undefined) return;
  applyDefaults(schema, object);
  canonicalizeQuantities(schema, object);
  BY_KIND[`${kind.group}/${kind.kind}`]?.(object);
}

function specOf(object: KubeObject): JsonObject {
  return objectAt(object, 'spec') ?? {};
}

/** Plain text becomes data; a write-only field. */
function defaultSecret(secret: KubeObject): void {
  const plain = objectAt(secret, 'stringData');
  delete secret['stringData'];
  if (plain === undefined) return;
  const encoded = Object.entries(plain).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  secret['data'] = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) };
}

function defaultNamespace(namespace: KubeObject): void {
  const { name } = namespace.metadata;
  if (typeof name !== 'string' || name === '') return;
  namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': name };
}

/** Fields of core/v1 Events that are written even when they are empty. */
function defaultEvent(event: KubeObject): void {
  event['source'] ??= {};
  for (const time of ['firstTimestamp', 'lastTimestamp', 'eventTime']) event[time] ??= null;
  event['reportingComponent'] ??= '';
  event['reportingInstance'] ??= '';
}

function defaultDeployment(deployment: KubeObject): void {
  const strategy = objectAt(specOf(deployment), 'strategy');
  if (strategy?.['type'] === 'RollingUpdate') {
    strategy['rollingUpdate'] = {
      maxUnavailable: '25%',
      maxSurge: '25%',
      ...objectAt(strategy, 'rollingUpdate'),
    };
  }
  templateOfSpec(deployment);
}

/** Without a selector of their own these take their template's labels, which is what apps/v1 forbids later. */
function defaultReplicaSet(set: KubeObject): void {
  templateOfSpec(set);
}

function defaultStatefulSet(set: KubeObject): void {
  const strategy = objectAt(specOf(set), 'updateStrategy');
  if (strategy?.['type'] === 'RollingUpdate') {
    strategy['rollingUpdate'] = { partition: 0, ...objectAt(strategy, 'rollingUpdate') };
  }
  templateOfSpec(set);
}

function defaultDaemonSet(set: KubeObject): void {
  const strategy = objectAt(specOf(set), 'updateStrategy');
  if (strategy?.['type'] === 'RollingUpdate') {
    strategy['rollingUpdate'] = { maxUnavailable: 1, maxSurge: 0, ...objectAt(strategy, 'rollingUpdate') };
  }
  templateOfSpec(set);
}

function defaultJobSpec(spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  spec['parallelism'] ??= 1;
  defaultPodTemplate(objectAt(spec, 'template'));
}

function defaultCronJob(cronJob: KubeObject): void {
  const spec = objectAt(objectAt(specOf(cronJob), 'jobTemplate'), 'spec');
  if (spec !== undefined) defaultPodTemplate(objectAt(spec, 'template'));
}

function defaultNetworkPolicy(policy: KubeObject): void {
  const spec = specOf(policy);
  if (Array.isArray(spec['policyTypes']) && spec['policyTypes'].length > 0) return;
  const egress = Array.isArray(spec['egress']) && spec['egress'].length > 0;
  spec['policyTypes'] = egress ? ['Ingress', 'Egress'] : ['Ingress'];
}

const RBAC = 'rbac.authorization.k8s.io';

function defaultBinding(binding: KubeObject): void {
  const roleRef = objectAt(binding, 'roleRef');
  if (roleRef !== undefined && !roleRef['apiGroup']) roleRef['apiGroup'] = RBAC;
  const subjects = binding['subjects'];
  if (!Array.isArray(subjects)) return;
  for (const subject of subjects.filter(isObject)) {
    if (subject['apiGroup'] === undefined && subject['kind'] !== 'ServiceAccount') subject['apiGroup'] = RBAC;
    if (subject['apiGroup'] === '') delete subject['apiGroup'];
  }
}
