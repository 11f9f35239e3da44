import type { KubeObject } from '../../../kube/index.js';
import { serverSideApply } from '../apply/index.js';
import { apiVersionOf } from '../kinds/kind.js';
import { viewOf } from '../kinds/view.js';
import { decodeApplyPatch } from '../patch/index.js';
import { notFound } from '../status.js';
import { type Answer, type Call, type Core, keyOf, timestamp } from './call.js';
import { insert } from './create.js';
import { resetFields } from './ownership.js';
import type { WriteOptions } from './requestOptions.js';
import { checkIdentity, replace } from './update.js';

/** PATCH with application/apply-patch+yaml: creates the object, or merges what its manager wants into it. */
export function applyObject(core: Core, call: Call, options: WriteOptions): Answer {
  const { row, subresource } = call;
  const stored = core.store.bucket(row.storageKey).get(keyOf(call));
  if (stored === undefined && subresource !== '') throw notFound(row, call.name);
  const live = stored === undefined ? undefined : viewOf(stored, row);
  const custom = row.custom !== undefined;
  const merged = serverSideApply({
    live,
    applied: decodeApplyPatch(Buffer.from(call.body).toString('utf8'), custom),
    manager: options.fieldManager,
    force: options.force ?? false,
    schema: row.schema(),
    apiVersion: apiVersionOf(row),
    kind: row.kind,
    custom,
    subresource,
    time: timestamp(core.clock),
    resetFields: resetFields(row, subresource),
  });
  if (live === undefined) return created(core, call, options, merged);
  const sent = structuredClone(merged);
  checkIdentity(call, sent);
  const object = replace(core, { call, options, old: live, sent }, (prepared) => owned(prepared, merged));
  return { kind: 'object', code: 200, object, row };
}

function created(core: Core, call: Call, options: WriteOptions, merged: KubeObject): Answer {
  const sent = structuredClone(merged);
  delete sent.metadata.resourceVersion;
  checkIdentity(call, sent);
  const object = insert(core, { call, object: sent, options }, (prepared) => owned(prepared, merged));
  return { kind: 'object', code: 201, object, row: call.row };
}

/** The managedFields an apply came to, on the object that was made ready to be stored. */
function owned(prepared: KubeObject, { metadata: { managedFields } }: KubeObject): KubeObject {
  const { managedFields: _sent, ...metadata } = prepared.metadata;
  return { ...prepared, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}
