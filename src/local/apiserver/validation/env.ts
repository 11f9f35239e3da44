/** Environment variables of containers. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (ValidateEnv). */
import { invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { configMapKey, envVarName } from './names.js';
import type { EnvFrom, EnvVar, FieldRef, KeySelector } from './pod-types.js';
import { named, present, requiredName } from './values.js';

const ENV_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const SUBSCRIPT = /^(metadata\.(?:labels|annotations))\['([^']*)'\]$/;
const ENV_RESOURCES = /^(?:limits|requests)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

export function validateEnv(env: readonly EnvVar[], path: string): FieldError[] {
  return env.flatMap((variable, i) => {
    const at = `${path}[${i}]`;
    return [...requiredName(envVarName, variable.name, `${at}.name`), ...validateValueFrom(variable, at)];
  });
}

function validateValueFrom({ value, valueFrom }: EnvVar, at: string): FieldError[] {
  if (valueFrom === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  const path = `${at}.valueFrom`;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${path}.fieldRef`));
  if (resourceFieldRef) {
    errors.push(...present(resourceFieldRef.resource, `${path}.resourceFieldRef.resource`));
    const resource = resourceFieldRef.resource ?? '';
    if (resource !== '' && !ENV_RESOURCES.test(resource)) {
      const names = [
        'limits.cpu',
        'limits.ephemeral-storage',
        'limits.memory',
        'requests.cpu',
        'requests.ephemeral-storage',
        'requests.memory',
      ];
      errors.push(notSupported(`${path}.resourceFieldRef.resource`, resource, names));
    }
  }
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(
    (source) => source !== undefined,
  );
  if (sources.length === 0) {
    const detail = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    errors.push(invalid(path, '', detail));
  } else if (value !== undefined && value !== '') {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (sources.length > 1) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

/** Downward API: a field of the pod itself. */
export function validateFieldRef(
  ref: FieldRef,
  at: string,
  allowed: readonly string[] = ENV_FIELDS,
): FieldError[] {
  const errors = present(ref.apiVersion, `${at}.apiVersion`);
  const path = ref.fieldPath ?? '';
  if (path === '') return [...errors, required(`${at}.fieldPath`)];
  const subscript = SUBSCRIPT.exec(path);
  const field = subscript?.[1] ?? path;
  if (!ENV_FIELDS.includes(field)) {
    const detail = `error converting fieldPath: field label not supported: ${path}`;
    return [...errors, invalid(`${at}.fieldPath`, path, detail)];
  }
  const isWholeMap = subscript === null && (field === 'metadata.labels' || field === 'metadata.annotations');
  if (!allowed.includes(field) || (isWholeMap && allowed === ENV_FIELDS)) {
    const names = allowed.filter((name) => name !== 'metadata.labels' && name !== 'metadata.annotations');
    errors.push(notSupported(`${at}.fieldPath`, path, names));
  }
  return errors;
}

function validateKeyRef({ name, key }: KeySelector, at: string): FieldError[] {
  return [...present(name, `${at}.name`), ...requiredName(configMapKey, key, `${at}.key`)];
}

export function validateEnvFrom(sources: readonly EnvFrom[], path: string): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const at = `${path}[${i}]`;
    const errors = prefix === undefined || prefix === '' ? [] : named(envVarName, prefix, `${at}.prefix`);
    if (configMapRef) errors.push(...present(configMapRef.name, `${at}.configMapRef.name`));
    if (secretRef) errors.push(...present(secretRef.name, `${at}.secretRef.name`));
    if (!configMapRef && !secretRef) {
      errors.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef && secretRef) {
      errors.push(invalid(at, '', 'may not have more than one field specified at a time'));
    }
    return errors;
  });
}
