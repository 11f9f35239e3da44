/** Containers of a pod. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (validateContainer). */
import { duplicate, invalid, notFound, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { validateEnv, validateEnvFrom } from './env.js';
import { dnsLabel, portName } from './names.js';
import type { Container, ContainerPort, Resources, SecurityContext, VolumeMount } from './pod-types.js';
import { validateHandler, validateProbe } from './probes.js';
import { compareQuantities } from './quantities.js';
import { inRange, named, oneOf, portNumber, present, requiredName } from './values.js';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MAX_ID = 2 ** 31 - 1;
const STANDARD_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** What the pod around a container says of it. */
export interface ContainerSurroundings {
  readonly volumes: ReadonlySet<string>;
  readonly hostNetwork: boolean;
}

export function validateContainers(
  containers: readonly Container[],
  around: ContainerSurroundings,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const name = container.name ?? '';
    const errors = requiredName(dnsLabel, container.name, `${at}.name`);
    if (name !== '' && seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    seen.add(name);
    return [...errors, ...validateContainer(container, around, at)];
  });
}

function validateContainer(container: Container, around: ContainerSurroundings, at: string): FieldError[] {
  const { lifecycle, image } = container;
  const errors = present(image, `${at}.image`);
  if (image !== undefined && image !== image.trim()) {
    errors.push(invalid(`${at}.image`, image, 'must not have leading or trailing whitespace'));
  }
  errors.push(
    ...oneOf(container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], `${at}.imagePullPolicy`),
  );
  const policies = ['FallbackToLogsOnError', 'File'];
  errors.push(...oneOf(container.terminationMessagePolicy, policies, `${at}.terminationMessagePolicy`));
  errors.push(...validatePorts(container.ports ?? [], around.hostNetwork, `${at}.ports`));
  errors.push(...validateEnv(container.env ?? [], `${at}.env`));
  errors.push(...validateEnvFrom(container.envFrom ?? [], `${at}.envFrom`));
  errors.push(...validateMounts(container.volumeMounts ?? [], around.volumes, `${at}.volumeMounts`));
  errors.push(...validateResources(container.resources ?? {}, `${at}.resources`));
  errors.push(...validateSecurityContext(container.securityContext, `${at}.securityContext`));
  const once = { successThresholdOne: true };
  errors.push(...validateProbe(container.livenessProbe, `${at}.livenessProbe`, once));
  errors.push(...validateProbe(container.startupProbe, `${at}.startupProbe`, once));
  errors.push(...validateProbe(container.readinessProbe, `${at}.readinessProbe`));
  if (lifecycle?.postStart) errors.push(...validateHandler(lifecycle.postStart, `${at}.lifecycle.postStart`));
  if (lifecycle?.preStop) errors.push(...validateHandler(lifecycle.preStop, `${at}.lifecycle.preStop`));
  return errors;
}

function validatePorts(ports: readonly ContainerPort[], hostNetwork: boolean, path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, i) => {
    const at = `${path}[${i}]`;
    const errors = named(portName, name, `${at}.name`);
    if (name !== undefined && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    if (name !== undefined) names.add(name);
    if (containerPort === undefined || containerPort === 0) errors.push(required(`${at}.containerPort`));
    else errors.push(...portNumber(containerPort, `${at}.containerPort`));
    if (hostPort !== undefined && hostPort !== 0) errors.push(...portNumber(hostPort, `${at}.hostPort`));
    if (hostNetwork && hostPort !== containerPort) {
      const detail = 'must match `containerPort` when `hostNetwork` is true';
      errors.push(invalid(`${at}.hostPort`, hostPort ?? 0, detail));
    }
    if (protocol === undefined || protocol === '') errors.push(required(`${at}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    return errors;
  });
}

function validateMounts(
  mounts: readonly VolumeMount[],
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap(({ name, mountPath, subPath }, i) => {
    const at = `${path}[${i}]`;
    const errors = present(name, `${at}.name`);
    if (name !== undefined && name !== '' && !volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    errors.push(...present(mountPath, `${at}.mountPath`));
    if (mountPath !== undefined && paths.has(mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    }
    paths.add(mountPath ?? '');
    if (subPath?.startsWith('/') === true) {
      errors.push(invalid(`${at}.subPath`, subPath, 'must be a relative path'));
    } else if (subPath?.split('/').includes('..') === true) {
      errors.push(invalid(`${at}.subPath`, subPath, "must not contain '..'"));
    }
    return errors;
  });
}

export function validateResources({ limits = {}, requests = {} }: Resources, path: string): FieldError[] {
  const errors = [
    ...validateAmounts(limits, `${path}.limits`),
    ...validateAmounts(requests, `${path}.requests`),
  ];
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined || compareQuantities(request, limit) <= 0) continue;
    errors.push(invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit`));
  }
  return errors;
}

function validateAmounts(amounts: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`;
    const errors: FieldError[] = [];
    if (!name.includes('/') && !STANDARD_RESOURCES.has(name) && !name.startsWith('hugepages-')) {
      errors.push(invalid(at, name, 'must be a standard resource type or fully qualified'));
      errors.push(invalid(at, name, 'must be a standard resource for containers'));
    }
    if (compareQuantities(amount, '0') < 0)
      errors.push(invalid(at, amount, 'must be greater than or equal to 0'));
    return errors;
  });
}

export function validateSecurityContext(context: SecurityContext | undefined, path: string): FieldError[] {
  if (context === undefined) return [];
  const errors: FieldError[] = [];
  for (const field of ['runAsUser', 'runAsGroup', 'fsGroup'] as const) {
    const id = context[field];
    if (id !== undefined) errors.push(...inRange(id, [0, MAX_ID], `${path}.${field}`));
  }
  if (context.allowPrivilegeEscalation === false && context.privileged === true) {
    const detail = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    errors.push(invalid(path, context, detail));
  }
  const profiles = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  return [...errors, ...oneOf(context.seccompProfile?.type, profiles, `${path}.seccompProfile.type`)];
}
