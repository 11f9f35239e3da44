import type { KubeObject } from '../../../kube/index.js';
import { equalJson } from '../json.js';
import { storedOf, viewOf } from '../kinds/view.js';
import { badRequest, conflict, type FieldError, invalid, notFound, unexpected } from '../status.js';
import { admitUpdate } from './admission.js';
import { type Answer, type Call, type Core, keyOf } from './call.js';
import { decodeObject } from './decode.js';
import { targetOf } from './target.js';
import { removeObject } from './remove.js';
import { normalObject } from './metadata.js';
import { withOwnership } from './ownership.js';
import { parseWriteOptions, type WriteOptions } from './requestOptions.js';
import { preparedUpdate } from './strategy.js';
import { checkObject, setDefaults } from './typing.js';
import { addWrittenFields } from './writtenFields.js';

/** PUT of an object or its status. */
export function updateObject(core: Core, call: Call): Answer {
  const options = parseWriteOptions(call.query, 'UpdateOptions', call.userAgent);
  const sent = decodeObject(call, targetOf(call.row), core.kinds, options.fieldValidation);
  checkIdentity(call, sent);
  const old = currentView(core, call);
  const stored = replace(core, { call, options, old, sent }, (prepared) =>
    withOwnership(core, prepared, old, { call, options, subresource: call.subresource }),
  );
  return { kind: 'object', code: 200, object: stored, row: call.row };
}

/** The object as it is now, as the call's row shows it. Throws 404. */
export function currentView(core: Core, call: Call): KubeObject {
  const object = core.store.bucket(call.row.storageKey).get(keyOf(call));
  if (object === undefined) throw notFound(call.row, call.name);
  return viewOf(object, call.row);
}

export interface Replacement {
  readonly call: Call;
  readonly options: WriteOptions;
  readonly old: KubeObject;
  readonly sent: KubeObject;
}

/** Checks, completes and stores what an update sent in place of `old`; `own` adds the managedFields. */
export function replace(
  core: Core,
  { call, options, old, sent }: Replacement,
  own: (prepared: KubeObject) => KubeObject,
): KubeObject {
  const { row } = call;
  checkPreconditions(call, old, sent);
  setDefaults(row, sent);
  addWrittenFields(row, sent);
  admitUpdate(core, call, old, sent);
  const prepared = normalObject(preparedUpdate(row, old, sent, call.subresource));
  // An empty list is a client's wish to clear the owners; it is not stored, but it must be seen.
  if (sent.metadata.managedFields !== undefined)
    prepared.metadata.managedFields = sent.metadata.managedFields;
  checkUpdate(call, old, prepared);
  const owned = normalObject(own(prepared));
  if (isSame(owned, old)) return old;
  if (options.dryRun) return owned;
  if (isReadyToGo(owned)) {
    removeObject(core, row, keyOf(call));
    return owned;
  }
  const stored = core.store.put(row.storageKey, storedOf(owned, row));
  core.committed(row, stored, false);
  return stored;
}

interface NamespaceSpec {
  readonly finalizers?: readonly string[];
}

/** Marked for deletion with nothing left to wait for. */
export function isReadyToGo({ metadata, spec, kind }: KubeObject): boolean {
  const namespaceFinalizers =
    kind === 'Namespace' ? ((spec as NamespaceSpec | undefined)?.finalizers ?? []) : [];
  const waiting = (metadata.finalizers ?? []).length > 0 || namespaceFinalizers.length > 0;
  return (
    metadata.deletionTimestamp !== undefined && !waiting && (metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

/** Equal but for the times of managedFields: nothing is written. */
function isSame(a: KubeObject, b: KubeObject): boolean {
  return equalJson(withoutTimes(a), withoutTimes(b));
}

function withoutTimes(object: KubeObject): unknown {
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => ({
    ...(entry as Record<string, unknown>),
    time: undefined,
  }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** The body must name the object of the path. Throws 400. */
export function checkIdentity(call: Call, sent: KubeObject): void {
  const { name, namespace } = sent.metadata;
  if (name === undefined || name === '') {
    throw badRequest(
      `the name of the object (${call.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (name !== call.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  }
  if (namespace !== undefined && namespace !== '' && namespace !== call.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request (${call.namespace})`,
    );
  }
}

/** resourceVersion and uid, where the client sent them. Throws 409, 422 and 500. */
function checkPreconditions(call: Call, old: KubeObject, sent: KubeObject): void {
  const { row, name } = call;
  const { uid, resourceVersion = '' } = sent.metadata;
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
    if (isPatch(call)) throw invalid(row, name, [immutableUid(uid), immutableUid(uid)]);
    const path = `/registry/${row.storageKey}/${keyOf(call)}`;
    const detail = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`;
    throw conflict(
      row,
      name,
      `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: ${detail}`,
    );
  }
  if (resourceVersion === '' || resourceVersion === '0') {
    if (needsVersion(call)) throw invalid({ group: row.group, kind: row.plural }, name, [versionRequired()]);
    return;
  }
  if (!/^\d+$/.test(resourceVersion)) {
    throw unexpected(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  }
  if (resourceVersion !== old.metadata.resourceVersion) throw conflict(row, name);
}

/** Kinds whose updates must say what they replace. */
function needsVersion({ row }: Call): boolean {
  return row.custom !== undefined || row.plural === 'leases' || row.plural === 'customresourcedefinitions';
}

/** A patch shows the uid it was applied to; only a PUT makes it a precondition. */
function isPatch({ contentType }: Call): boolean {
  return contentType.includes('patch');
}

function immutableUid(uid: string): FieldError {
  const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
  return { reason: 'FieldValueInvalid', field: 'metadata.uid', message };
}

function versionRequired(): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field: 'metadata.resourceVersion',
    message: 'Invalid value: 0x0: must be specified for an update',
  };
}

function checkUpdate(call: Call, old: KubeObject, prepared: KubeObject): void {
  const added = newFinalizers(old, prepared);
  if (added.length > 0) {
    const shown = `[]string{${added.map((each) => JSON.stringify(each)).join(', ')}}`;
    const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
    const error = { reason: 'FieldValueForbidden', field: 'metadata.finalizers', message };
    throw invalid(call.row, call.name, call.row.custom === undefined ? [error, error] : [error]);
  }
  checkObject(call, prepared, old);
}

function newFinalizers(old: KubeObject, prepared: KubeObject): string[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(old.metadata.finalizers ?? []);
  return (prepared.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
}
