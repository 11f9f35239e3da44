import type { KubeObject } from '../../../kube/index.js';
import { objectKey } from '../../../kube/index.js';
import { storedOf } from '../kinds/view.js';
import { alreadyExists, badRequest, failure, forbidden, unexpected } from '../status.js';
import { admitCreate } from './admission.js';
import type { Answer, Call, Core } from './call.js';
import { decodeObject } from './decode.js';
import { targetOf } from './target.js';
import { newMetadata, normalObject } from './metadata.js';
import { withOwnership } from './ownership.js';
import { parseWriteOptions, type WriteOptions } from './requestOptions.js';
import { checkObject, setDefaults } from './typing.js';
import { prepareNew } from './strategy.js';
import { addWrittenFields } from './writtenFields.js';

/** POST of a collection. */
export function createObject(core: Core, call: Call): Answer {
  const options = parseWriteOptions(call.query, 'CreateOptions', call.userAgent);
  const object = decodeObject(call, targetOf(call.row), core.kinds, options.fieldValidation);
  const stored = insert(core, { call, object, options }, (prepared) =>
    withOwnership(core, prepared, undefined, { call, options, subresource: '' }),
  );
  return { kind: 'object', code: 201, object: stored, row: call.row };
}

export interface Insertion {
  readonly call: Call;
  /** What the client sent; it is completed in place. */
  readonly object: KubeObject;
  readonly options: WriteOptions;
}

/**
 * Admits, completes, checks and stores a new object; `own` adds the managedFields. Returns it as stored, or as it
 * would be in a dry run.
 */
export function insert(
  core: Core,
  { call, object, options }: Insertion,
  own: (prepared: KubeObject) => KubeObject,
): KubeObject {
  const { row } = call;
  if (row.custom?.terminating === true) throw terminating(call, object.metadata.name);
  checkNamespace(call, object);
  setDefaults(row, object);
  addWrittenFields(row, object);
  admitCreate(core, call, object);
  const asked = object.metadata.resourceVersion;
  const generation = row.generation !== 'none';
  const named: KubeObject = {
    ...object,
    metadata: newMetadata(object.metadata, { clock: core.clock, random: core.random, generation }),
  };
  prepareNew(core, call, named);
  const prepared = normalObject(own(normalObject(named)));
  checkObject(call, prepared);
  const existing = core.store.bucket(row.storageKey).get(objectKey(prepared));
  if (existing !== undefined) throw taken(call, existing);
  if (asked !== undefined && asked !== '' && asked !== '0') {
    throw unexpected('resourceVersion should not be set on objects to be created');
  }
  if (options.dryRun) return prepared;
  const stored = core.store.put(row.storageKey, storedOf(prepared, row));
  core.committed(row, stored, false);
  return stored;
}

function terminating({ row }: Call, name: string) {
  return forbidden(row, name, 'create not allowed while custom resource definition is terminating');
}

function taken(call: Call, existing: KubeObject) {
  const error = alreadyExists(call.row, existing.metadata.name);
  if (existing.metadata.deletionTimestamp === undefined) return error;
  return failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `object is being deleted: ${error.message}`,
    details: error.status.details,
  });
}

/** A namespace in the body must be the path's; a body without one gets it. */
export function checkNamespace(call: Call, object: KubeObject): void {
  const given = call.row.namespaced ? (object.metadata.namespace ?? '') : '';
  if (given !== '' && given !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (call.namespace === '') delete object.metadata.namespace;
  else object.metadata.namespace = call.namespace;
}
