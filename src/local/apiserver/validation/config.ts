/** ConfigMaps and Secrets. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go. */
import type { KubeObject } from '../../../kube/index.js';
import { equalJson } from '../json.js';
import { forbidden, invalid, required, tooLong } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { configMapKey } from './names.js';
import { named } from './values.js';

const MAX_BYTES = 1024 * 1024;

type Texts = Readonly<Record<string, string>>;

function textsAt(object: KubeObject, field: string): Texts {
  return (object[field] ?? {}) as Texts;
}

export function validateConfigMap(configMap: KubeObject, old?: KubeObject): FieldError[] {
  const [data, binary] = [textsAt(configMap, 'data'), textsAt(configMap, 'binaryData')];
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    const at = `data[${key}]`;
    errors.push(...named(configMapKey, key, at));
    if (Object.hasOwn(binary, key)) errors.push(invalid(at, key, 'duplicate of key present in binaryData'));
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binary)) {
    errors.push(...named(configMapKey, key, `binaryData[${key}]`));
    bytes += Buffer.byteLength(value, 'base64');
  }
  if (bytes > MAX_BYTES) errors.push(tooLong('[]', MAX_BYTES));
  return old === undefined
    ? errors
    : [...errors, ...validateImmutable(configMap, old, ['data', 'binaryData'])];
}

/** What is marked immutable stays so, with its data. */
function validateImmutable(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const errors = object['immutable'] === true ? [] : [forbidden('immutable', detail)];
  for (const field of fields) {
    if (!equalJson(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, detail));
  }
  return errors;
}

/** Keys a Secret of a type must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

export function validateSecret(secret: KubeObject, old?: KubeObject): FieldError[] {
  const data = textsAt(secret, 'data');
  const type = typeof secret['type'] === 'string' ? secret['type'] : '';
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...named(configMapKey, key, `data[${key}]`));
    bytes += Buffer.byteLength(value, 'base64');
  }
  if (bytes > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES));
  for (const key of REQUIRED_KEYS[type] ?? []) {
    if (!Object.hasOwn(data, key)) errors.push(required(`data[${key}]`));
  }
  if (
    type === 'kubernetes.io/service-account-token' &&
    !secret.metadata.annotations?.[SERVICE_ACCOUNT_NAME]
  ) {
    errors.push(required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`));
  }
  if (old === undefined) return errors;
  if (type !== old['type']) errors.push(invalid('type', type, 'field is immutable'));
  return [...errors, ...validateImmutable(secret, old, ['data'])];
}
