/** The scale subresource: one small object in front of any kind that has a number of replicas. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject } from '../json.js';
import type { ScalePaths } from '../kinds/kind.js';
import { builtinSchema } from '../schema/index.js';
import { conflict, failure, invalid, methodNotAllowed, notFound, notAcceptable } from '../status.js';
import { ACCEPTED_TYPES } from '../server/mediaType.js';
import { type Answer, type Call, type Core, keyOf } from './call.js';
import { decodeObject } from './decode.js';
import { type Target } from './target.js';
import { withOwnership } from './ownership.js';
import { patched, patchTypeOf } from './patch.js';
import { parseWriteOptions, type WriteOptions } from './requestOptions.js';
import { checkIdentity, replace } from './update.js';
import { viewOf } from '../kinds/view.js';

const SCALE: Target = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  custom: false,
  schema: () => builtinSchema('autoscaling', 'v1', 'Scale'),
};

export function answerScale(core: Core, call: Call, verb: string, paths: ScalePaths): Answer {
  if (call.negotiated.transform?.as === 'Table' && call.row.custom === undefined)
    throw notAcceptable(ACCEPTED_TYPES);
  switch (verb) {
    case 'get':
      return scaleAnswer(call, scaleOf(current(core, call, true), call, paths));
    case 'update':
    case 'patch':
      return changeScale(core, call, verb, paths);
    default:
      throw methodNotAllowed();
  }
}

function current(core: Core, call: Call, reading: boolean): KubeObject {
  const { row, name } = call;
  const object = core.store.bucket(row.storageKey).get(keyOf(call));
  if (object !== undefined) return viewOf(object, row);
  throw notFound(reading && row.custom === undefined ? { ...row, plural: `${row.plural}/scale` } : row, name);
}

function scaleAnswer(call: Call, scale: KubeObject): Answer {
  const { scale: _scale, custom: _custom, readDefaults: _readDefaults, columns: _columns, ...row } = call.row;
  const scaleRow = { ...row, group: SCALE.group, version: SCALE.version, kind: SCALE.kind };
  return { kind: 'object', code: 200, object: scale, row: { ...scaleRow, listKind: 'ScaleList' } };
}

function changeScale(core: Core, call: Call, verb: 'update' | 'patch', paths: ScalePaths): Answer {
  const patching = verb === 'patch';
  const type = patching ? patchTypeOf({ ...call, row: { ...call.row } }) : undefined;
  const kind = patching ? 'PatchOptions' : 'UpdateOptions';
  const options = parseWriteOptions(call.query, kind, call.userAgent, type === 'apply');
  const old = current(core, call, false);
  const oldScale = scaleOf(old, call, paths);
  const sent = (
    type === undefined
      ? decodeObject(call, SCALE, core.kinds, options.fieldValidation)
      : patched(core, call, { type, target: SCALE, options, old: oldScale })
  ) as KubeObject;
  checkIdentity(call, sent);
  if (call.row.custom === undefined) checkScale(sent);
  const stored = write(core, call, { old, sent, options, paths });
  return scaleAnswer(call, scaleOf(stored, call, paths));
}

function checkScale(sent: KubeObject): void {
  const { name, namespace } = sent.metadata;
  if (namespace === undefined || namespace === '') {
    throw invalid(SCALE, name, [
      { reason: 'FieldValueRequired', field: 'metadata.namespace', message: 'Required value' },
    ]);
  }
  const replicas = replicasOf(sent);
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(SCALE, name, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message }]);
  }
}

function replicasOf(scale: KubeObject): number {
  const spec = scale['spec'];
  return isObject(spec) && typeof spec['replicas'] === 'number' ? spec['replicas'] : 0;
}

interface ScaleWrite {
  readonly old: KubeObject;
  readonly sent: KubeObject;
  readonly options: WriteOptions;
  readonly paths: ScalePaths;
}

function write(core: Core, call: Call, { old, sent, options, paths }: ScaleWrite): KubeObject {
  const { resourceVersion } = sent.metadata;
  if (
    resourceVersion !== undefined &&
    resourceVersion !== '' &&
    resourceVersion !== old.metadata.resourceVersion
  ) {
    throw conflict(call.row, call.name);
  }
  const changed = withValueAt(old, paths.specReplicasPath, replicasOf(sent)) as KubeObject;
  const main: Call = { ...call, subresource: '' };
  return replace(core, { call: main, options, old, sent: structuredClone(changed) }, (prepared) =>
    withOwnership(core, prepared, old, { call: main, options, subresource: 'scale' }),
  );
}

/** The Scale of an object. Throws 500 when a custom resource has no replicas where its definition says. */
function scaleOf(object: KubeObject, call: Call, paths: ScalePaths): KubeObject {
  const replicas = valueAt(object, paths.specReplicasPath);
  if (call.row.custom !== undefined && replicas === undefined) {
    throw failure({
      code: 500,
      reason: 'InternalError',
      message: `Internal error occurred: the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`,
      details: {
        causes: [
          { message: `the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist` },
        ],
      },
    });
  }
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(
    paths.labelSelectorPath === undefined ? undefined : valueAt(object, paths.labelSelectorPath),
  );
  const statusReplicas = valueAt(object, paths.statusReplicasPath);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: {
      replicas: typeof statusReplicas === 'number' ? statusReplicas : 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function steps(path: string): string[] {
  return path.split('.').filter(Boolean);
}

function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const step of steps(path)) value = isObject(value) ? value[step] : undefined;
  return value;
}

function withValueAt(object: unknown, path: string, value: unknown): unknown {
  const [first, ...rest] = steps(path);
  if (first === undefined) return value;
  const base: JsonObject = isObject(object) ? object : {};
  return { ...base, [first]: withValueAt(base[first], rest.join('.'), value) };
}

/** A selector as text: `app=web,tier in (a,b)`. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (!isObject(selector)) return '';
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : {};
  const plain =
    isObject(selector['matchLabels']) || Array.isArray(selector['matchExpressions']) ? labels : selector;
  const equalities = Object.entries(plain).map(([key, value]) => ({ key, text: `${key}=${String(value)}` }));
  const expressions = Array.isArray(selector['matchExpressions'])
    ? (selector['matchExpressions'] as unknown[])
    : [];
  const others = expressions
    .filter(isObject)
    .map((each) => ({ key: String(each['key']), text: expressionText(each) }));
  return [...equalities, ...others]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ text }) => text)
    .join(',');
}

function expressionText({ key, operator, values }: JsonObject): string {
  const list = Array.isArray(values) ? [...(values as string[])].sort().join(',') : '';
  switch (operator) {
    case 'In':
      return `${String(key)} in (${list})`;
    case 'NotIn':
      return `${String(key)} notin (${list})`;
    case 'Exists':
      return String(key);
    default:
      return `!${String(key)}`;
  }
}
