/** Server-side apply. */
import type { KubeObject } from '../../../kube/index.js';
import { equalJson, isObject, objectAt, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { badRequest, unexpected } from '../status.js';
import { compare, type Comparison } from './compare.js';
import { conflictRefusal, type Conflict } from './conflict.js';
import { FieldSet } from './field-set.js';
import { fieldsOf } from './field-walk.js';
import { takenOver, withLastApplied } from './last-applied.js';
import {
  decodeManagedFields,
  encodeManagedFields,
  identityOf,
  isServerOwned,
  withoutServerOwned,
  type ManagerId,
  type Owner,
  type Owners,
} from './managed-fields.js';
import { merge } from './merge.js';
import { conflictsOf, dispossess } from './ownership.js';
import { prune } from './remove.js';
import { objectSchema } from './typed-object.js';
import { ownersAfterUpdate } from './update.js';
import { joinFaults, typeFaults } from './validate.js';
import { withoutEmptyStructs, withZeroValues } from './zero-values.js';

export interface Application {
  /** The stored object; undefined when the apply creates it. */
  readonly live: KubeObject | undefined;
  /** The decoded configuration, as the client sent it. */
  readonly applied: JsonObject;
  readonly manager: string;
  /** Take fields from their owners instead of refusing. */
  readonly force: boolean;
  readonly schema: Schema | undefined;
  /** The version the request is made in. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Whether the kind is a custom resource, whose server has other words for an object without a kind. */
  readonly custom?: boolean;
  /** '' for the object itself. */
  readonly subresource: string;
  /** RFC 3339, whole seconds. */
  readonly time: string;
  /** Top-level fields this endpoint never writes, such as `status` for the object of a kind that has /status. */
  readonly resetFields?: readonly string[];
}

/** Owns everything of an object that nobody had applied to yet. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * The object after the apply, its managedFields included; equal to `live` when nothing changed. It is neither
 * defaulted nor validated yet.
 * Throws 400 (version, managedFields), 409 with a cause for each conflict, 500 when the configuration does not fit
 * the schema.
 */
export function serverSideApply(application: Application): KubeObject {
  const applied = checked(application);
  const { live, schema, time, resetFields = [] } = application;
  const full = objectSchema(schema);
  const base: JsonObject = live === undefined ? bare(applied) : withoutManagedFields(live);
  const self = managerId(application);
  const id = identityOf(self);
  const owners = knownOwners(application);
  const last = owners.get(id)?.set ?? FieldSet.EMPTY;

  const claimed = fieldsOf(withoutEmptyStructs(applied), full).withoutFields(resetFields);
  const set = withoutServerOwned(claimed);
  const mine: Owner = { ...self, time: owners.get(id)?.time, set };
  const all: Owners = new Map([...owners, [id, mine]]);
  const merged = merge(base, applied, full);
  const pruned = prune({ merged, last, owned: claimed.union(everything(owners, id)), schema: full });
  const after = toObject(pruned, merged);
  const change = changeOf(base, after, application);
  if (!application.force) refuseConflicts(conflictsOf(all, change, id), takenOver(self.manager, live, full));
  const left = dispossess(all, change, id);
  left.delete(id);
  const changed = live === undefined || !equalJson(base, after);
  if (!set.isEmpty()) left.set(id, changed ? { ...mine, time } : mine);
  return withOwners(withLastApplied(after, self.manager, applied), left);
}

function checked({ applied, apiVersion, kind, schema, custom = false }: Application): KubeObject {
  const version = textOf(applied['apiVersion']);
  if (custom && version === '' && textOf(applied['kind']) === '')
    throw badRequest('invalid object type: /, Kind=');
  if (version !== apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${apiVersion}`,
    );
  }
  const metadata = objectAt(applied, 'metadata') ?? {};
  const { managedFields } = metadata;
  if (managedFields !== undefined && managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (applied['kind'] !== kind) {
    const types = `${kind} and ${textOf(applied['kind'])}`;
    throw unexpected(`failed to merge config: expected objects of the same type, but got ${types}`);
  }
  const object = { ...applied, metadata } as unknown as KubeObject;
  const faults = typeFaults(object, objectSchema(schema));
  if (faults.length > 0) {
    const name = `${textOf(metadata['namespace'])}/${textOf(metadata['name'])}`;
    const type = `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;
    throw unexpected(`failed to create typed patch object (${name}; ${type}): ${joinFaults(faults)}`);
  }
  return object;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a new object starts from. */
function bare({ apiVersion, kind }: KubeObject): JsonObject {
  return { apiVersion, kind, metadata: {} };
}

function withoutManagedFields(object: KubeObject): JsonObject {
  const metadata: JsonObject = { ...object.metadata };
  delete metadata['managedFields'];
  return { ...object, metadata };
}

function managerId({ manager, apiVersion, subresource }: Application): ManagerId {
  return { manager, operation: 'Apply', apiVersion, subresource };
}

/** The owners so far. What was made before anybody was tracked belongs to before-first-apply. */
function knownOwners({ live, schema, apiVersion, time, resetFields }: Application): Owners {
  if (live === undefined) return new Map();
  const owners = decodeManagedFields(live.metadata.managedFields) ?? new Map<string, Owner>();
  if (owners.size > 0) return owners;
  return ownersAfterUpdate(owners, {
    before: undefined,
    after: live,
    manager: BEFORE_FIRST_APPLY,
    subresource: '',
    schema,
    apiVersion,
    time,
    ...(resetFields === undefined ? {} : { resetFields }),
  });
}

/** What others than `self` own. */
function everything(owners: Owners, self: string): FieldSet {
  const others = [...owners].filter(([id]) => id !== self);
  return others.reduce((all, [, owner]) => all.union(owner.set), FieldSet.EMPTY);
}

/** The pruned object, with the fields nobody can own as they were. */
function toObject(pruned: unknown, merged: unknown): KubeObject {
  const object: JsonObject = isObject(pruned) ? pruned : {};
  const full: JsonObject = isObject(merged) ? merged : {};
  const before = objectAt(full, 'metadata') ?? {};
  const kept = Object.entries(before).filter(([key]) => isServerOwned(key));
  const metadata = { ...Object.fromEntries(kept), ...objectAt(object, 'metadata') };
  return { ...object, apiVersion: full['apiVersion'], kind: full['kind'], metadata } as unknown as KubeObject;
}

function changeOf(
  before: JsonObject,
  after: KubeObject,
  { schema, resetFields = [] }: Application,
): Comparison {
  const change = compare(withZeroValues(before, after), withZeroValues(after, after), objectSchema(schema));
  return {
    added: change.added.withoutFields(resetFields),
    modified: change.modified.withoutFields(resetFields),
    removed: change.removed.withoutFields(resetFields),
  };
}

/** Throws 409 unless every field may be taken. */
function refuseConflicts(conflicts: readonly Conflict[], free: FieldSet): void {
  const barred = conflicts
    .map(({ owner, fields }) => ({ owner, fields: fields.difference(free) }))
    .filter(({ fields }) => !fields.isEmpty());
  if (barred.length > 0) throw conflictRefusal(barred);
}

function withOwners(object: KubeObject, owners: Owners): KubeObject {
  const entries = encodeManagedFields(owners);
  if (entries.length === 0) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: entries } };
}
