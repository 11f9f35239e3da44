/** A body to an object of the row's kind: kind and version checked, unknown and duplicate fields reported. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject } from '../json.js';
import { apiVersionOf } from '../kinds/kind.js';
import type { KindRegistry } from '../kinds/registry.js';
import { duplicateFields, pruneUnknown } from '../schema/index.js';
import { bodyFormat, decodeBody } from '../server/body.js';
import { badRequest, invalid } from '../status.js';
import type { FieldValidation } from './requestOptions.js';
import type { Call } from './call.js';
import { checkTypes } from './decodeTypes.js';
import type { Target } from './target.js';

export function decodeObject(
  call: Call,
  target: Target,
  kinds: KindRegistry,
  fieldValidation: FieldValidation,
): KubeObject {
  const format = bodyFormat(call.contentType);
  const { value, text } = decodeBody(call.body, format, target.kind);
  if (!isObject(value))
    throw badRequest(`the object provided is unrecognized (must be of type ${target.kind})`);
  if (target.custom) {
    checkHasKind(value, target, text);
    if (fieldValidation === 'Warn') warnOfOtherVersion(call, value, target);
  }
  checkKind(value, target, kinds);
  const object = completed(value, target);
  const duplicates = format === 'json' && fieldValidation !== 'Ignore' ? duplicateFields(text) : [];
  const problems = admitFields(object, target, duplicates);
  reportFields(call, target, problems, fieldValidation);
  return object as unknown as KubeObject;
}

/** apiVersion and kind may be left out; metadata may be too. */
function completed(value: JsonObject, target: Target): JsonObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = value;
  return {
    kind: target.kind,
    apiVersion: apiVersionOf(target),
    metadata: metadata === undefined || metadata === null ? {} : metadata,
    ...rest,
  };
}

/** Removes what the type does not know and checks the types of the rest. Returns what a strict reader reports. */
export function admitFields(object: JsonObject, target: Target, duplicates: readonly string[]): string[] {
  checkTypes(object, target);
  const schema = target.schema();
  const unknown = schema === undefined ? [] : pruneUnknown(schema, object);
  return [
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ];
}

export function reportFields(
  call: Call,
  target: Target,
  problems: readonly string[],
  fieldValidation: FieldValidation,
): void {
  if (problems.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Warn') {
    call.warnings.push(...problems);
    return;
  }
  throw badRequest(`${cannotBeHandled(target, target)}: strict decoding error: ${problems.join(', ')}`);
}

function cannotBeHandled(got: { readonly version: string; readonly kind: string }, target: Target): string {
  return `${got.kind} in version ${JSON.stringify(got.version)} cannot be handled as a ${target.kind}`;
}

/** Go's name of a built-in type's package in conversion messages. */
function internalName(target: { readonly group: string; readonly kind: string }): string {
  const packageName = target.group === '' ? 'core' : (target.group.split('.')[0] ?? '');
  return `${packageName}.${target.kind}`;
}

const SCHEME = 'k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30';

function checkKind(value: JsonObject, target: Target, kinds: KindRegistry): void {
  const mismatch = kindMismatch(value, target, kinds);
  if (mismatch === undefined) return;
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const kind = typeof value['kind'] === 'string' ? value['kind'] : '';
  if (target.custom) throw customKindMismatch(value, target);
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const got = { kind: kind === '' ? target.kind : kind, version: version === '' ? target.version : version };
  throw badRequest(`${cannotBeHandled(got, target)}: ${mismatch}`);
}

/** Why apiVersion and kind are not the target's; undefined when they are, or are left out. */
export function kindMismatch(value: JsonObject, target: Target, kinds: KindRegistry): string | undefined {
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const kind = typeof value['kind'] === 'string' ? value['kind'] : '';
  const wanted = apiVersionOf(target);
  const gotVersion = apiVersion === '' ? wanted : apiVersion;
  const gotKind = kind === '' ? target.kind : kind;
  if (gotVersion === wanted && gotKind === target.kind) return undefined;
  const known = kinds.findKind(gotVersion, gotKind);
  if (known === undefined || known.custom !== undefined || target.custom) {
    return `no kind ${JSON.stringify(gotKind)} is registered for version ${JSON.stringify(gotVersion)} in scheme ${JSON.stringify(SCHEME)}`;
  }
  const version = gotVersion.slice(gotVersion.indexOf('/') + 1);
  return `converting (${version}.${gotKind}) to (${internalName(target)}): unknown conversion`;
}

/** A custom resource is read without a type: its body must say what it is. */
function checkHasKind(value: JsonObject, target: Target, text: string): void {
  const isText = (field: string) => typeof value[field] === 'string' && value[field] !== '';
  if (isText('kind')) return;
  const head = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} ...` : text;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${target.kind}): Object 'Kind' is missing in '${text}' (${head})`,
  );
}

const SHOWN_CHARACTERS = 30;

/** Of a version nothing is known but what every object has. */
function warnOfOtherVersion(call: Call, value: JsonObject, target: Target): void {
  if (value['apiVersion'] === apiVersionOf(target)) return;
  const unknown = Object.keys(value).filter((field) => !['apiVersion', 'kind', 'metadata'].includes(field));
  call.warnings.push(...unknown.map((field) => `unknown field ${JSON.stringify(field)}`));
}

function customKindMismatch(value: JsonObject, target: Target) {
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const kind = String(value['kind']);
  const wanted = apiVersionOf(target);
  if (apiVersion !== '' && apiVersion !== wanted) {
    return badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`,
    );
  }
  const { metadata } = value;
  const name = isObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
  return invalid({ group: target.group, kind }, name, [
    {
      reason: 'FieldValueInvalid',
      field: 'kind',
      message: `Invalid value: ${JSON.stringify(kind)}: must be ${target.kind}`,
    },
  ]);
}
