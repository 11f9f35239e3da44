/** metadata.managedFields: its entries, decoded to field sets by manager and encoded again. */
import { isObject, type JsonObject } from '../json.js';
import { FieldSet } from './field-set.js';

export type Operation = 'Apply' | 'Update';

/** An entry as the API shows it (meta/v1 ManagedFieldsEntry). */
export interface ManagedFieldsEntry {
  manager: string;
  operation: Operation;
  apiVersion: string;
  /** RFC 3339, whole seconds. */
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: JsonObject;
  subresource?: string;
}

/** Who owns fields: for an applier the apiVersion is not part of its identity. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
}

export interface Owner extends ManagerId {
  readonly time: string | undefined;
  readonly set: FieldSet;
}

/** Owners by identity. */
export type Owners = ReadonlyMap<string, Owner>;

export function identityOf({ manager, operation, apiVersion, subresource }: ManagerId): string {
  return JSON.stringify([operation, manager, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** The owners named by entries; undefined when any of them is not a valid entry. */
export function decodeManagedFields(entries: unknown): Owners | undefined {
  if (entries === undefined || entries === null) return new Map();
  if (!Array.isArray(entries)) return undefined;
  const owners = new Map<string, Owner>();
  for (const entry of entries) {
    const owner = decodeEntry(entry);
    if (owner === undefined) return undefined;
    owners.set(identityOf(owner), owner);
  }
  return owners;
}

function decodeEntry(entry: unknown): Owner | undefined {
  if (!isObject(entry)) return undefined;
  const { manager, operation, apiVersion, subresource, time, fieldsType, fieldsV1 } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (typeof apiVersion !== 'string' || fieldsType !== 'FieldsV1') return undefined;
  try {
    return {
      manager: typeof manager === 'string' ? manager : '',
      operation,
      apiVersion,
      subresource: typeof subresource === 'string' ? subresource : '',
      time: typeof time === 'string' ? time : undefined,
      set: FieldSet.fromJson(fieldsV1 ?? {}),
    };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Entries in the API server's order: appliers first, then by time, then by name. */
export function encodeManagedFields(owners: Owners): ManagedFieldsEntry[] {
  return [...owners.values()].sort(inOrder).map((owner) => ({
    manager: owner.manager,
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: owner.set.toJson(),
    ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
  }));
}

function inOrder(a: Owner, b: Owner): number {
  return (
    byText(a.operation, b.operation) ||
    byText(a.time ?? '', b.time ?? '') ||
    byText(a.manager, b.manager) ||
    byText(a.apiVersion, b.apiVersion) ||
    byText(a.subresource, b.subresource)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A client asks for a clean slate with `[]` or `[{}]`. */
export function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false;
  const [first] = entries as unknown[];
  return entries.length === 0 || (entries.length === 1 && isObject(first) && Object.keys(first).length === 0);
}

const MAX_UPDATERS = 10;
const OLD_UPDATES = 'ancient-changes';

/** At most ten updaters: of more, the oldest of each version become one. */
export function capUpdaters(owners: Owners): Owners {
  const capped = new Map(owners);
  const updaters = [...owners].filter(([, owner]) => owner.operation === 'Update');
  updaters.sort(([a, x], [b, y]) => byText(x.time ?? '', y.time ?? '') || byText(a, b));
  let count = updaters.length;
  const firstOfVersion = new Map<string, string>();
  for (const [id, owner] of updaters) {
    if (count <= MAX_UPDATERS) break;
    const { apiVersion } = owner;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id);
      continue;
    }
    const bucketId: ManagerId = { manager: OLD_UPDATES, operation: 'Update', apiVersion, subresource: '' };
    const bucket = identityOf(bucketId);
    const merged = capped.get(bucket) ?? capped.get(first);
    if (!capped.has(bucket)) capped.delete(first);
    capped.delete(id);
    capped.set(bucket, {
      ...bucketId,
      time: owner.time,
      set: owner.set.union(merged?.set ?? FieldSet.EMPTY),
    });
    count--;
  }
  return capped;
}

/** Fields of metadata that the server keeps itself; nobody owns them. */
const SERVER_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
];

const SERVER_OWNED = FieldSet.fromJson({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': { '.': {}, ...Object.fromEntries(SERVER_METADATA.map((name) => [`f:${name}`, {}])) },
});

export function isServerOwned(metadataField: string): boolean {
  return SERVER_METADATA.includes(metadataField);
}

export function withoutServerOwned(set: FieldSet): FieldSet {
  return set.difference(SERVER_OWNED);
}
