/** Validation of ObjectMeta. Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go. */
import type { ObjectMeta, OwnerReference } from '../../../kube/index.js';
import { equalJson } from '../json.js';
import { child, forbidden, invalid, required, tooLong } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { dnsSubdomain, labelValue, type NameRule, qualifiedName } from './names.js';

/** Keys and values of all annotations together. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export interface MetadataOptions {
  /** Whether the kind lives in namespaces. */
  readonly namespaced: boolean;
  /** What names of the kind look like; DNS subdomains when not given. */
  readonly name?: NameRule;
}

/** Every error of a new object's metadata. */
export function validateMetadata(meta: ObjectMeta, options: MetadataOptions): FieldError[] {
  const errors: FieldError[] = [];
  const rule = options.name ?? dnsSubdomain;
  if (meta.generateName) {
    const prefix = maskTrailingDash(meta.generateName);
    errors.push(...rule(prefix).map((p) => invalid('metadata.generateName', meta.generateName, p)));
  }
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...rule(meta.name).map((problem) => invalid('metadata.name', meta.name, problem)));
  if (!options.namespaced && meta.namespace) {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  return [...errors, ...validateChangeable(meta)];
}

/** Every error of an updated object's metadata. */
export function validateMetadataUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const deleting = old.deletionTimestamp !== undefined;
  const added = (meta.finalizers ?? []).filter((name) => !(old.finalizers ?? []).includes(name));
  if (deleting && added.length > 0) {
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`;
    errors.push(forbidden('metadata.finalizers', detail));
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    if (equalJson(meta[field] ?? null, old[field] ?? null)) continue;
    errors.push(invalid(`metadata.${field}`, meta[field] ?? null, 'field is immutable'));
  }
  return [...errors, ...validateChangeable(meta)];
}

function goStrings(list: readonly string[]): string {
  return `[]string{${list.map((one) => JSON.stringify(one)).join(', ')}}`;
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function validateChangeable(meta: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwners(meta.ownerReferences ?? []),
    ...validateFinalizers(meta.finalizers ?? []),
  ];
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedName(key).map((problem) => invalid(path, key, problem)),
    ...labelValue(value).map((problem) => invalid(path, value, problem)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...qualifiedName(key.toLowerCase()).map((problem) => invalid(path, key, problem)));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > MAX_ANNOTATIONS_BYTES) {
    errors.push(tooLong(path, MAX_ANNOTATIONS_BYTES));
  }
  return errors;
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const path = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const owner of owners) {
    errors.push(...validateOwner(owner, path));
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`;
      errors.push(invalid(path, owners, detail));
    }
    controller = owner.name;
  }
  return errors;
}

function validateOwner(owner: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const parts = (owner.apiVersion ?? '').split('/');
  const version = parts.at(-1) ?? '';
  const group = parts.length > 1 ? (parts[0] ?? '') : '';
  if (version === '')
    errors.push(invalid(child(path, 'apiVersion'), owner.apiVersion ?? '', 'version must not be empty'));
  if (!owner.kind) errors.push(invalid(child(path, 'kind'), owner.kind ?? '', 'kind must not be empty'));
  if (!owner.name) errors.push(invalid(child(path, 'name'), owner.name ?? '', 'name must not be empty'));
  if (!owner.uid) errors.push(invalid(child(path, 'uid'), owner.uid ?? '', 'uid must not be empty'));
  if (owner.kind === 'Event' && version === 'v1' && (group === '' || group === 'events.k8s.io')) {
    errors.push(
      invalid(path, owner, `${group}/${version}, Kind=${owner.kind} is disallowed from being an owner`),
    );
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  finalizers.forEach((name, i) => {
    errors.push(...qualifiedName(name).map((problem) => invalid('metadata.finalizers', name, problem)));
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return;
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    errors.push(invalid(`metadata.finalizers[${i}]`, name, detail));
  });
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalid('metadata.finalizers', finalizers, detail));
  }
  return errors;
}
