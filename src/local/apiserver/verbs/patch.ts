import type { KubeObject } from '../../../kube/index.js';
import { cloneJson, equalJson, isObject, type JsonObject } from '../json.js';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJsonPatch,
  decodeMergePatch,
  decodeStrategicMergePatch,
  goJsonType,
  unknownJsonPatchFields,
} from '../patch/index.js';
import { duplicateFields } from '../schema/index.js';
import { failure, type FieldError, invalid, StatusError } from '../status.js';
import { applyObject } from './apply.js';
import type { Answer, Call, Core } from './call.js';
import { admitFields, kindMismatch, reportFields } from './decode.js';
import { type Target, targetOf } from './target.js';
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
  const sent = patched(core, call, { type, target, options, old }) as unknown as KubeObject;
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
export function patched(core: Core, call: Call, { type, target, options, old }: Patching): JsonObject {
  const text = Buffer.from(call.body).toString('utf8');
  const result = applied(type, cloneJson(old), text, target);
  if (!isObject(result)) throw patchInvalid(JSON.stringify(result), noObject(result));
  const shown = target.custom ? sortedText(result, undefined) : sortedText(result, old);
  const mismatch = kindMismatch(result, target, core.kinds);
  if (mismatch !== undefined) throw patchInvalid(shown, mismatch);
  try {
    const duplicates = type === 'json' || options.fieldValidation === 'Ignore' ? [] : duplicateFields(text);
    const odd = type === 'json' ? unknownJsonPatchFields(decodeJsonPatch(text)) : [];
    const problems = [
      ...odd.map((path) => `json patch unknown field ${JSON.stringify(path)}`),
      ...admitFields(result, target, duplicates),
    ];
    reportFields(call, target, problems, options.fieldValidation);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw patchInvalid(shown, error.message.replace(/^.* cannot be handled as a \w+: /, ''));
  }
  return result;
}

/** What decoding the type of a value that has none says. */
function noObject(value: unknown): string {
  const fields =
    'APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\""';
  const why = `cannot unmarshal ${goJsonType(value)} into Go value of type struct { ${fields} }`;
  return `couldn't get version/kind; json parse error: json: ${why}`;
}

/** JSON as Go's maps print it: keys sorted, but for the parts a patch left as they were stored. */
function sortedText(value: unknown, old: unknown): string {
  if (old !== undefined && equalJson(value, old)) return JSON.stringify(old);
  if (Array.isArray(value)) return `[${value.map((item) => sortedText(item, undefined)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const before = isObject(old) ? old : {};
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${sortedText(value[key], before[key])}`).join(',')}}`;
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

/** The patch applied, and what came of it is no object of the kind. */
function patchInvalid(shown: string, why: string): StatusError {
  const error: FieldError = {
    reason: 'FieldValueInvalid',
    field: 'patch',
    message: `Invalid value: ${JSON.stringify(shown)}: ${why}`,
  };
  return invalid({ group: '', kind: '' }, '', [error]);
}
