/** Volumes of a pod. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (validateVolumeSource). */
import { duplicate, forbidden, invalid, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { validateFieldRef } from './env.js';
import { configMapKey, dnsLabel } from './names.js';
import type { FieldRef, KeyToPath, Volume } from './pod-types.js';
import { compareQuantities } from './quantities.js';
import { oneOf, present, requiredName } from './values.js';

/** Fields a file of the downward API may show, labels and annotations as a whole too. */
const FILE_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const MODE_RANGE = 'must be a number between 0 and 0777 (octal), both inclusive';
const MAX_MODE = 0o777;
const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

interface KeysSource {
  readonly name?: string;
  readonly secretName?: string;
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
}

interface DownwardSource {
  readonly items?: readonly {
    path?: string;
    fieldRef?: FieldRef;
    resourceFieldRef?: object;
    mode?: number;
  }[];
  readonly defaultMode?: number;
}

interface ProjectedSource {
  readonly sources?: readonly Readonly<Record<string, unknown>>[];
  readonly defaultMode?: number;
}

type SourceRule = (source: Readonly<Record<string, unknown>>, at: string) => FieldError[];

/** In the order the server looks for them: the second type of a volume is the one refused. */
const SOURCES: readonly (readonly [string, SourceRule])[] = [
  ['emptyDir', validateEmptyDir],
  ['hostPath', validateHostPath],
  ['secret', (source, at) => validateSecret(source, at)],
  [
    'nfs',
    (source, at) => [...present(source['server'], `${at}.server`), ...present(source['path'], `${at}.path`)],
  ],
  ['persistentVolumeClaim', (source, at) => present(source['claimName'], `${at}.claimName`)],
  ['downwardAPI', (source, at) => validateDownward(source, at)],
  ['configMap', (source, at) => validateConfigMap(source, at)],
  ['projected', (source, at) => validateProjected(source, at)],
  ['csi', (source, at) => present(source['driver'], `${at}.driver`)],
  ['ephemeral', (source, at) => present(source['volumeClaimTemplate'], `${at}.volumeClaimTemplate`)],
];

/** The errors, and the names containers may mount: those of valid volumes. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
): { errors: FieldError[]; names: ReadonlySet<string> } {
  const names = new Set<string>();
  const errors = volumes.flatMap((volume, i) => {
    const at = `${path}[${i}]`;
    const name = volume.name ?? '';
    const found = [...validateSource(volume, at), ...requiredName(dnsLabel, volume.name, `${at}.name`)];
    if (name !== '' && names.has(name)) found.push(duplicate(`${at}.name`, name));
    if (found.length === 0) names.add(name);
    return found;
  });
  return { errors, names };
}

function validateSource(volume: Volume, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const types = Object.keys(volume).filter((key) => key !== 'name' && volume[key] !== undefined);
  if (types.length === 0) return [required(at, 'must specify a volume type')];
  const known = SOURCES.filter(([type]) => types.includes(type));
  known.forEach(([type, rule], i) => {
    const field = `${at}.${type}`;
    if (i > 0) errors.push(forbidden(field, 'may not specify more than 1 volume type'));
    else errors.push(...rule(volume[type] as Readonly<Record<string, unknown>>, field));
  });
  return errors;
}

function validateMode(mode: number | undefined, field: string): FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= MAX_MODE) ? [] : [invalid(field, mode, MODE_RANGE)];
}

function validateEmptyDir(source: Readonly<Record<string, unknown>>, at: string): FieldError[] {
  const { sizeLimit } = source;
  if (sizeLimit === undefined || compareQuantities(sizeLimit, '0') >= 0) return [];
  return [forbidden(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')];
}

function validateHostPath(source: Readonly<Record<string, unknown>>, at: string): FieldError[] {
  const path = source['path'];
  const errors = present(path, `${at}.path`);
  if (typeof path === 'string' && path.split('/').includes('..')) {
    errors.push(invalid(`${at}.path`, path, "must not contain '..'"));
  }
  return [...errors, ...oneOf(source['type'] as string | undefined, HOST_PATH_TYPES, `${at}.type`)];
}

function validateKeys({ items = [], defaultMode }: KeysSource, at: string): FieldError[] {
  return [
    ...validateMode(defaultMode, `${at}.defaultMode`),
    ...items.flatMap(({ key, path, mode }, i) => [
      ...requiredName(configMapKey, key, `${at}.items[${i}].key`),
      ...validateRelativePath(path, `${at}.items[${i}].path`),
      ...validateMode(mode, `${at}.items[${i}].mode`),
    ]),
  ];
}

function validateRelativePath(path: string | undefined, field: string): FieldError[] {
  if (path === undefined || path === '') return [required(field)];
  if (path.startsWith('/')) return [invalid(field, path, 'must be a relative path')];
  if (path.split('/').includes('..')) return [invalid(field, path, "must not contain '..'")];
  return path.startsWith('..') ? [invalid(field, path, "must not start with '..'")] : [];
}

function validateSecret(source: KeysSource, at: string): FieldError[] {
  return [...present(source.secretName, `${at}.secretName`), ...validateKeys(source, at)];
}

function validateConfigMap(source: KeysSource, at: string): FieldError[] {
  return [...present(source.name, `${at}.name`), ...validateKeys(source, at)];
}

function validateDownward({ items = [], defaultMode }: DownwardSource, at: string): FieldError[] {
  return [
    ...validateMode(defaultMode, `${at}.defaultMode`),
    ...items.flatMap(({ path, fieldRef, resourceFieldRef, mode }, i) => {
      const item = `${at}.items[${i}]`;
      const errors = [...validateRelativePath(path, `${item}.path`), ...validateMode(mode, `${item}.mode`)];
      if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${item}.fieldRef`, FILE_FIELDS));
      if (fieldRef && resourceFieldRef) {
        errors.push(
          invalid(item, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'),
        );
      }
      if (!fieldRef && !resourceFieldRef) {
        errors.push(required(item, 'one of fieldRef and resourceFieldRef is required'));
      }
      return errors;
    }),
  ];
}

function validateProjected({ sources = [], defaultMode }: ProjectedSource, at: string): FieldError[] {
  const errors = validateMode(defaultMode, `${at}.defaultMode`);
  sources.forEach((source, i) => {
    const item = `${at}.sources[${i}]`;
    const { secret, configMap, downwardAPI, serviceAccountToken } = source;
    if (secret) errors.push(...validateConfigMap(secret, `${item}.secret`));
    if (configMap) errors.push(...validateConfigMap(configMap, `${item}.configMap`));
    if (downwardAPI) errors.push(...validateDownward(downwardAPI, `${item}.downwardAPI`));
    if (serviceAccountToken) {
      errors.push(
        ...validateRelativePath((serviceAccountToken as KeyToPath).path, `${item}.serviceAccountToken.path`),
      );
    }
  });
  return errors;
}
