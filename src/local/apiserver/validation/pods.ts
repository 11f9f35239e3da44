/** Pods and their templates. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (ValidatePodSpec). */
import { isIP } from 'node:net';
import type { KubeObject } from '../../../kube/index.js';
import { cloneJson, equalJson } from '../json.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { type ContainerSurroundings, validateContainers, validateSecurityContext } from './containers.js';
import { validateAnnotations, validateLabels } from './metadata.js';
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.js';
import type { PodSpec, PodTemplate, SpreadConstraint, Toleration } from './pod-types.js';
import { inRange, named, nonNegative, oneOf, present } from './values.js';
import { validateVolumes } from './volumes.js';

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const MAX_INT32 = 2 ** 31 - 1;

export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const volumes = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  const around: ContainerSurroundings = { volumes: volumes.names, hostNetwork: spec.hostNetwork === true };
  const errors = [...volumes.errors];
  const containers = spec.containers ?? [];
  if (containers.length === 0) errors.push(required(`${path}.containers`));
  errors.push(...validateContainers(containers, around, `${path}.containers`));
  errors.push(...validateContainers(spec.initContainers ?? [], around, `${path}.initContainers`));
  errors.push(...oneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`));
  errors.push(...oneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`));
  errors.push(...nonNegative(spec.terminationGracePeriodSeconds, `${path}.terminationGracePeriodSeconds`));
  if (spec.activeDeadlineSeconds !== undefined) {
    errors.push(...inRange(spec.activeDeadlineSeconds, [1, MAX_INT32], `${path}.activeDeadlineSeconds`));
  }
  errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`));
  errors.push(...validateSecurityContext(spec.securityContext, `${path}.securityContext`));
  errors.push(...named(dnsSubdomain, nonEmpty(spec.serviceAccountName), `${path}.serviceAccountName`));
  errors.push(...named(dnsSubdomain, nonEmpty(spec.priorityClassName), `${path}.priorityClassName`));
  errors.push(...named(dnsLabel, nonEmpty(spec.hostname), `${path}.hostname`));
  errors.push(...named(dnsLabel, nonEmpty(spec.subdomain), `${path}.subdomain`));
  errors.push(...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`));
  errors.push(...validateSpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`));
  spec.hostAliases?.forEach(({ ip = '' }, i) => {
    if (isIP(ip) !== 0) return;
    const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    errors.push(invalid(`${path}.hostAliases[${i}].ip`, ip, detail));
  });
  return errors;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function validateTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, i) => {
    const { key = '', operator = 'Equal', value = '', effect, tolerationSeconds } = toleration;
    const at = `${path}[${i}]`;
    const errors = key === '' ? [] : named(qualifiedName, key, `${at}.key`);
    if (key === '' && operator !== 'Exists') {
      errors.push(
        invalid(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    }
    if (!['Equal', 'Exists'].includes(operator)) {
      errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    } else if (operator === 'Exists' && value !== '') {
      errors.push(invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
    }
    return [...errors, ...oneOf(nonEmpty(effect), EFFECTS, `${at}.effect`)];
  });
}

function validateSpread(constraints: readonly SpreadConstraint[], path: string): FieldError[] {
  return constraints.flatMap(({ maxSkew = 0, topologyKey, whenUnsatisfiable }, i) => {
    const at = `${path}[${i}]`;
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
      ...present(topologyKey, `${at}.topologyKey`, 'can not be empty'),
      ...oneOf(whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway'], `${at}.whenUnsatisfiable`),
    ];
  });
}

export function validatePodTemplate(template: PodTemplate | undefined, path: string): FieldError[] {
  return [
    ...validateLabels(template?.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template?.spec ?? {}, `${path}.spec`),
  ];
}

const POD_UPDATE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePod(pod: KubeObject, old?: KubeObject): FieldError[] {
  const spec = (pod['spec'] ?? {}) as PodSpec;
  const errors = validatePodSpec(spec, 'spec');
  if (old === undefined) return errors;
  const oldSpec = (old['spec'] ?? {}) as PodSpec;
  return equalJson(unchangeable(spec), unchangeable(oldSpec))
    ? errors
    : [...errors, forbidden('spec', POD_UPDATE)];
}

/** A pod's spec without what an update may change. */
function unchangeable(spec: PodSpec): unknown {
  const copy = cloneJson(spec) as Record<string, unknown> & {
    containers?: { image?: string }[];
    initContainers?: { image?: string }[];
  };
  for (const container of [...(copy.containers ?? []), ...(copy.initContainers ?? [])])
    delete container.image;
  for (const field of [
    'activeDeadlineSeconds',
    'tolerations',
    'schedulingGates',
    'terminationGracePeriodSeconds',
  ]) {
    delete copy[field];
  }
  return copy;
}
