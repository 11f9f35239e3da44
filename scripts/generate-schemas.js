// Writes the schemas of built-in kinds that the local API server knows, from the models of @kubernetes/client-node:
// their attribute maps (types, formats) and declarations (which fields are required, descriptions). Descriptions go
// into a file of their own, since only `kubectl explain` reads them.
//   node scripts/generate-schemas.js            writes
//   node scripts/generate-schemas.js --check    fails when the files are not what would be written
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const models = join(dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node'))), 'gen', 'models');
const target = new URL('../src/local/apiserver/schema/', import.meta.url);

/** OpenAPI package -> models of the kinds in it. The core group comes first: what several groups use is its own. */
const ROOTS = {
  'io.k8s.api.core.v1':
    'Namespace Pod PodTemplate Service ConfigMap Secret ServiceAccount Endpoints Event=CoreV1Event Node PersistentVolumeClaim PersistentVolume ReplicationController LimitRange ResourceQuota Binding',
  'io.k8s.api.apps.v1': 'Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision',
  'io.k8s.api.batch.v1': 'Job CronJob',
  'io.k8s.api.autoscaling.v1': 'Scale HorizontalPodAutoscaler',
  'io.k8s.api.autoscaling.v2': 'HorizontalPodAutoscaler=V2HorizontalPodAutoscaler',
  'io.k8s.api.policy.v1': 'PodDisruptionBudget Eviction',
  'io.k8s.api.discovery.v1': 'EndpointSlice',
  'io.k8s.api.coordination.v1': 'Lease',
  'io.k8s.api.networking.v1': 'NetworkPolicy Ingress IngressClass',
  'io.k8s.api.rbac.v1': 'Role RoleBinding ClusterRole ClusterRoleBinding',
  'io.k8s.api.events.v1': 'Event=EventsV1Event',
  'io.k8s.api.scheduling.v1': 'PriorityClass',
  'io.k8s.api.storage.v1': 'StorageClass',
  'io.k8s.api.authentication.v1': 'SelfSubjectReview TokenReview TokenRequest=AuthenticationV1TokenRequest',
  'io.k8s.api.authorization.v1':
    'SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview LocalSubjectAccessReview',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1': 'CustomResourceDefinition',
};

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const META_MODELS =
  'V1ObjectMeta V1ListMeta V1OwnerReference V1ManagedFieldsEntry V1LabelSelector V1LabelSelectorRequirement V1FieldSelectorRequirement V1Condition V1DeleteOptions V1Preconditions V1Status V1StatusDetails V1StatusCause V1MicroTime';

/** Quantities look like strings in the models, and JSON numbers are quantities too. */
const QUANTITY_MAPS =
  'allocatable allocatedResources capacity default defaultRequest hard limits max maxLimitRequestRatio min overhead podFixed requests used'.split(
    ' ',
  );
const QUANTITIES = 'averageValue divisor sizeLimit'.split(' ');
const QUANTITY_OWNERS = new Set([
  'V2MetricTarget.value',
  'V2MetricValueStatus.value',
  'V2HPAScalingRules.tolerance',
]);

const names = new Map(META_MODELS.split(' ').map((model) => [model, `${META}.${shortName(model)}`]));
const definitions = {};
const descriptions = {};

function shortName(model) {
  return model.replace(/^[A-Z]?[A-Za-z]*?V\d+((alpha|beta)\d+)?(?=[A-Z])/, '');
}

/** The declared type as a schema; nested models are collected into `found`. */
function schemaOf(type, format, found) {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return { type: 'array', items: schemaOf(list[1], format, found) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return { type: 'object', additionalProperties: schemaOf(map[1], format, found) };
  if (type === 'any' || type === 'object') return { 'x-kubernetes-preserve-unknown-fields': true };
  if (type === 'IntOrString') return { 'x-kubernetes-int-or-string': true, format: 'int-or-string' };
  if (type === 'Date') return { type: 'string', format: 'date-time' };
  if (type === 'V1MicroTime') return { type: 'string', format: 'micro-time' };
  if (type === 'number') return { type: format === 'double' ? 'number' : 'integer', format };
  if (type === 'string' || type === 'boolean') return { type, ...(format === '' ? {} : { format }) };
  found.push(type);
  return { $ref: type };
}

function withQuantities(model, field, schema) {
  if (QUANTITIES.includes(field) || QUANTITY_OWNERS.has(`${model}.${field}`))
    return { type: 'string', format: 'quantity' };
  const map = schema.additionalProperties;
  if (QUANTITY_MAPS.includes(field) && map?.type === 'string')
    return { type: 'object', additionalProperties: { type: 'string', format: 'quantity' } };
  return schema;
}

function unescapeComment(text) {
  return text.replace(/\\(['"])/g, '$1').trim();
}

/** Required fields and the comments above the class and its fields. */
function readDeclaration(model) {
  const text = readFileSync(join(models, `${model}.d.ts`), 'utf8');
  const required = [];
  const comments = {};
  const about = /\/\*\*\n\*\s*(.*)\n\*\/\nexport declare class/.exec(text);
  for (const [, comment, name, optional] of text.matchAll(
    /(?:\/\*\*\n\s*\* (.*)\n\s*\*\/\n\s*)?'(\$?\w+)'(\??): /g,
  )) {
    if (optional === '') required.push(name);
    if (comment !== undefined) comments[name] = unescapeComment(comment);
  }
  return { required, comments, about: about ? unescapeComment(about[1]) : undefined };
}

async function define(model, packageName) {
  const known = names.get(model);
  if (known !== undefined && definitions[known] !== undefined) return;
  const name = known ?? `${packageName}.${shortName(model)}`;
  names.set(model, name);
  const module = await import(join(models, `${model}.js`));
  const { required, comments, about } = readDeclaration(model);
  const found = [];
  const definition = { type: 'object', properties: {} };
  const texts = {};
  const requiredNames = [];
  definitions[name] = definition;
  for (const { name: field, baseName, type, format } of module[model].getAttributeTypeMap()) {
    definition.properties[baseName] = withQuantities(model, baseName, schemaOf(type, format, found));
    if (required.includes(field)) requiredNames.push(baseName);
    if (comments[field] !== undefined) texts[baseName] = comments[field];
  }
  if (requiredNames.length > 0) definition.required = requiredNames;
  descriptions[name] = { ...(about === undefined ? {} : { '': about }), ...texts };
  for (const next of found) await define(next, packageName);
}

function resolveNames(node) {
  if (Array.isArray(node)) return node.forEach(resolveNames);
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.$ref === 'string') node.$ref = names.get(node.$ref);
  Object.values(node).forEach(resolveNames);
}

for (const [packageName, kinds] of Object.entries(ROOTS)) {
  for (const entry of kinds.split(' ')) {
    const [kind, model = `V1${kind}`] = entry.split('=');
    names.set(model, `${packageName}.${kind}`);
    await define(model, packageName);
  }
}
for (const model of META_MODELS.split(' ').filter((m) => m !== 'V1MicroTime')) await define(model, META);
Object.values(definitions).forEach((definition) =>
  Object.values(definition.properties).forEach(resolveNames),
);

/** One definition a line: a change of the package is a readable diff. */
function print(table) {
  const lines = Object.keys(table)
    .sort()
    .map((name) => `${JSON.stringify(name)}: ${JSON.stringify(table[name])}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

for (const [file, table] of [
  ['definitions.json', definitions],
  ['descriptions.json', descriptions],
]) {
  const url = new URL(file, target);
  if (!process.argv.includes('--check')) writeFileSync(url, print(table));
  else if (readFileSync(url, 'utf8') !== print(table)) {
    console.error(
      `${fileURLToPath(url)} is not what the installed models say; run node scripts/generate-schemas.js`,
    );
    process.exitCode = 1;
  }
}
