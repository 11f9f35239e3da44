/** What the server itself does to metadata: identity, times, and the order Go's struct gives its fields. */
import type { Clock, Random } from '../../../base/index.js';
import type { KubeObject, ObjectMeta } from '../../../kube/index.js';
import { timestamp } from './call.js';

const ORDER = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_PREFIX = 63 - SUFFIX_LENGTH;

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The metadata as it is stored: known fields in order, empty ones left out. */
export function normalMetadata(meta: Readonly<Record<string, unknown>>): ObjectMeta {
  const result: Record<string, unknown> = {};
  for (const field of ORDER) {
    const value = meta[field];
    if (!isEmpty(value) && field !== 'selfLink') result[field] = value;
  }
  return result as unknown as ObjectMeta;
}

/** The object with its fields in the usual order and normal metadata. */
export function normalObject(object: KubeObject): KubeObject {
  const { kind, apiVersion, metadata, ...rest } = object;
  return {
    kind,
    apiVersion,
    metadata: normalMetadata(metadata as unknown as Record<string, unknown>),
    ...rest,
  };
}

/** A random (version 4) UUID. */
export function newUid(random: Random): string {
  let hex = '';
  for (let index = 0; index < 32; index++) hex += Math.floor(random.next() * 16).toString(16);
  const variant = '89ab'[Math.floor(random.next() * 4)] ?? '8';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** `generateName` with five random characters, as k8s.io/apiserver/pkg/storage/names makes them. */
export function generateName(prefix: string, random: Random): string {
  let suffix = '';
  for (let index = 0; index < SUFFIX_LENGTH; index++) {
    suffix += SUFFIX_ALPHABET[Math.floor(random.next() * SUFFIX_ALPHABET.length)] ?? 'x';
  }
  return prefix.slice(0, MAX_GENERATED_PREFIX) + suffix;
}

/** Metadata of a new object: what the client may set stays, what the server owns is made anew. */
export function newMetadata(
  meta: ObjectMeta,
  server: { readonly clock: Clock; readonly random: Random; readonly generation: boolean },
): ObjectMeta {
  const { clock, random, generation } = server;
  const name =
    isEmpty(meta.name) && !isEmpty(meta.generateName)
      ? generateName(meta.generateName ?? '', random)
      : meta.name;
  return {
    ...meta,
    name,
    uid: newUid(random),
    resourceVersion: undefined,
    generation: generation ? 1 : undefined,
    creationTimestamp: timestamp(clock),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  };
}

/** Metadata of a changed object: the server's fields stay as they were. */
export function keptMetadata(meta: ObjectMeta, old: ObjectMeta): ObjectMeta {
  return {
    ...meta,
    name: old.name,
    namespace: old.namespace,
    generateName: meta.generateName ?? undefined,
    uid: old.uid,
    resourceVersion: old.resourceVersion,
    generation: old.generation,
    creationTimestamp: old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
  };
}
