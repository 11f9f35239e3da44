import { type Result, fail, ok } from '../../../base/index.js';
import type {
  ConfigMap,
  Container,
  EnvFromSource,
  EnvVar,
  KeySelector,
  Pod,
  Secret,
  Service,
} from '../../objects/index.js';
import { expand } from './expand.js';
import { fieldValue, type NodeCapacity, resourceValue } from './fieldRef.js';
import { serviceVariables } from './serviceEnvironment.js';

/** Where the objects a pod refers to are looked up, all in the pod's namespace. */
export interface Sources {
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
  services(): readonly Service[];
  readonly capacity: NodeCapacity;
}

/**
 * A container's variables in kubelet's order of precedence: services, then envFrom, then env (which may refer to what
 * came before by `$(NAME)`). Fails with kubelet's words when a source that is not optional is missing.
 */
export function containerEnvironment(
  pod: Pod,
  container: Container,
  sources: Sources,
): Result<Map<string, string>, string> {
  const links = pod.spec.enableServiceLinks === false ? [] : sources.services();
  const services = serviceVariables(links);
  const variables = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const error = addAll(variables, source, sources);
    if (error !== undefined) return fail(error);
  }
  const seen = new Map([...services, ...variables]);
  for (const variable of container.env ?? []) {
    const from = variable.valueFrom;
    const value =
      from === undefined
        ? ok(expand(variable.value ?? '', seen))
        : sourcedValue({ pod, container, sources }, from);
    if (!value.ok) return value;
    if (value.value === undefined) continue;
    seen.set(variable.name, value.value);
    variables.set(variable.name, value.value);
  }
  return ok(new Map([...services, ...variables]));
}

function addAll(variables: Map<string, string>, source: EnvFromSource, sources: Sources): string | undefined {
  const { prefix = '', configMapRef, secretRef } = source;
  const reference = configMapRef ?? secretRef;
  if (reference === undefined) return undefined;
  const data =
    configMapRef === undefined
      ? decodeSecret(sources.secret(reference.name))
      : sources.configMap(reference.name)?.data;
  const found =
    configMapRef === undefined ? sources.secret(reference.name) : sources.configMap(reference.name);
  if (found === undefined) {
    const kind = configMapRef === undefined ? 'secret' : 'configmap';
    return reference.optional === true ? undefined : `${kind} "${reference.name}" not found`;
  }
  for (const [key, value] of Object.entries(data ?? {})) variables.set(`${prefix}${key}`, value);
  return undefined;
}

/** The decoded values of a Secret. */
export function decodeSecret(secret: Secret | undefined): Record<string, string> | undefined {
  if (secret === undefined) return undefined;
  const entries = Object.entries(secret.data ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

function sourcedValue(
  { pod, container, sources }: { pod: Pod; container: Container; sources: Sources },
  from: NonNullable<EnvVar['valueFrom']>,
): Result<string | undefined, string> {
  if (from.configMapKeyRef !== undefined) {
    const configMap = sources.configMap(from.configMapKeyRef.name);
    const found = { missing: configMap === undefined, kind: 'ConfigMap' as const };
    return keyValue(pod, from.configMapKeyRef, configMap?.data, found);
  }
  if (from.secretKeyRef !== undefined) {
    const secret = sources.secret(from.secretKeyRef.name);
    const found = { missing: secret === undefined, kind: 'Secret' as const };
    return keyValue(pod, from.secretKeyRef, decodeSecret(secret), found);
  }
  if (from.fieldRef !== undefined) {
    const value = fieldValue(pod, from.fieldRef.fieldPath);
    return value === undefined ? fail(`unsupported fieldPath: ${from.fieldRef.fieldPath}`) : ok(value);
  }
  if (from.resourceFieldRef !== undefined) {
    const value = resourceValue(pod, container, from.resourceFieldRef, sources.capacity);
    return value === undefined ? fail(`unsupported resource: ${from.resourceFieldRef.resource}`) : ok(value);
  }
  return ok('');
}

function keyValue(
  pod: Pod,
  reference: KeySelector,
  data: Readonly<Record<string, string>> | undefined,
  found: { missing: boolean; kind: 'ConfigMap' | 'Secret' },
): Result<string | undefined, string> {
  const value = data?.[reference.key];
  if (value !== undefined) return ok(value);
  if (reference.optional === true) return ok(undefined);
  if (found.missing) return fail(`${found.kind.toLowerCase()} "${reference.name}" not found`);
  const place = `${pod.metadata.namespace ?? ''}/${reference.name}`;
  return fail(`couldn't find key ${reference.key} in ${found.kind} ${place}`);
}
