import type { KubeObject } from '../../../kube/index.js';
import { cloneJson, isObject, type JsonObject } from '../json.js';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJsonPatch,
  decodeMergePatch,
  decodeStrategicMergePatch,
} from '../patch/index.js';
import { failure, type FieldError, invalid, StatusError } from '../status.js';
import { applyObject } from './apply.js';
import type { Answer, Call, Core } from './call.js';
import { admitFields, reportFields, type Target, targetOf } from './decode.js';
import { withOwnership } from './ownership.js';
import { parseWriteOptions, type WriteOptions } from './requestOptions.js';
import { checkIdentity, currentView, replace } from './update.js';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Throws 415 for a media type that is no patch, or none this kind takes. */
export function patchTypeOf(call: Call): PatchType {
  const type = PATCH_TYPES[(call.contentType.split(';')[0] ?? '').trim().toLowerCase()];
  if (type !== undefined && !(type === 'strategic' && call.row.custom !== undefined)) return type;
  if (call.row.custom !== undefined) {
    const message = `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml`;
    throw failure({ code: 415, reason: 'UnsupportedMediaType', message });
  }
  throw failure({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  });
}

/** PATCH of an object or its status. */
export function patchObject(core: Core, call: Call): Answer {
  const type = patchTypeOf(call);
  const options = parseWriteOptions(call.query, 'PatchOptions', call.userAgent, type === 'apply');
  if (type === 'apply') return applyObject(core, call, options);
  const old = currentView(core, call);
  const target = targetOf(call.row);
  const sent = patched(call, { type, target, options, old }) as unknown as KubeObject;
  checkIdentity(call, sent);
  const stored = replace(core, { call, options, old, sent }, (prepared) =>
    withOwnership(core, prepared, old, { call, options, subresource: call.subresource }),
  );
  return { kind: 'object', code: 200, object: stored, row: call.row };
}

export interface Patching {
  readonly type: PatchType;
  readonly target: Target;
  readonly options: WriteOptions;
  readonly old: KubeObject;
}

/** `old` with the request's patch, decoded as the target's type. Throws 400 and 422. */
export function patched(call: Call, { type, target, options, old }: Patching): JsonObject {
  const text = Buffer.from(call.body).toString('utf8');
  const result = applied(type, cloneJson(old), text, target);
  if (!isObject(result)) throw patchInvalid(result, 'the patched value is not an object');
  const shown = cloneJson(result);
  checkSameKind(result, target, shown);
  try {
    const problems = admitFields(result, target, []);
    reportFields(call, target, problems, options.fieldValidation);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw patchInvalid(shown, error.message.replace(/^.* cannot be handled as a \w+: /, ''));
  }
  return result;
}

function applied(type: PatchType, old: KubeObject, text: string, target: Target): unknown {
  switch (type) {
    case 'json':
      return applyJsonPatch(old, decodeJsonPatch(text));
    case 'merge':
      return applyMergePatch(old, decodeMergePatch(text));
    default:
      return strategic(old, text, target);
  }
}

function strategic(old: KubeObject, text: string, target: Target): unknown {
  return applyStrategicMergePatch(old, decodeStrategicMergePatch(text), target.schema() ?? {});
}

function checkSameKind(result: JsonObject, target: Target, shown: JsonObject): void {
  const apiVersion = target.group === '' ? target.version : `${target.group}/${target.version}`;
  if (result['kind'] === target.kind && result['apiVersion'] === apiVersion) return;
  throw patchInvalid(
    shown,
    `no kind ${JSON.stringify(result['kind'])} is registered for version ${JSON.stringify(result['apiVersion'])}`,
  );
}

/** The patch applied, and what came of it is no object of the kind. */
function patchInvalid(value: unknown, why: string): StatusError {
  const error: FieldError = {
    reason: 'FieldValueInvalid',
    field: 'patch',
    message: `Invalid value: ${JSON.stringify(JSON.stringify(value))}: ${why}`,
  };
  return invalid({ group: '', kind: '' }, '', [error]);
}
