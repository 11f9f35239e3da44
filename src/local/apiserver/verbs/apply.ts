import { parse as parseYaml } from 'yaml';
import type { KubeObject } from '../../../kube/index.js';
import { serverSideApply } from '../apply/index.js';
import { isObject, type JsonObject } from '../json.js';
import { apiVersionOf } from '../kinds/kind.js';
import { viewOf } from '../kinds/view.js';
import { badRequest, notFound } from '../status.js';
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
  const merged = serverSideApply({
    live,
    applied: decodeApplied(call.body),
    manager: options.fieldManager,
    force: options.force ?? false,
    schema: row.schema(),
    apiVersion: apiVersionOf(row),
    kind: row.kind,
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
  sent.metadata.name ??= call.name;
  delete sent.metadata.resourceVersion;
  checkIdentity(call, sent);
  const object = insert(core, call, sent, options, (prepared) => owned(prepared, merged));
  return { kind: 'object', code: 201, object, row: call.row };
}

/** The managedFields an apply came to, on the object that was made ready to be stored. */
function owned(prepared: KubeObject, { metadata: { managedFields } }: KubeObject): KubeObject {
  const { managedFields: _sent, ...metadata } = prepared.metadata;
  return { ...prepared, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}

function decodeApplied(body: Uint8Array): JsonObject {
  const text = Buffer.from(body).toString('utf8');
  let value: unknown;
  try {
    value = parseYaml(text, { version: '1.1', uniqueKeys: false, maxAliasCount: 100 });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw badRequest(`error decoding YAML: ${why}`);
  }
  if (!isObject(value)) throw badRequest('error decoding YAML: the configuration is not an object');
  return value;
}
