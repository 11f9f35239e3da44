/**
 * From kubectl's client-side apply to server-side apply: what the annotation says was applied may be taken over by
 * `kubectl apply --server-side` without force, and the annotation follows, so that both kinds of apply can be mixed.
 */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject } from '../json.js';
import type { Schema } from '../schema/index.js';
import { compare } from './compare.js';
import { FieldSet } from './field-set.js';
import { fieldsOf } from './field-walk.js';
import { NoIdentity } from './path-element.js';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const KUBECTL = 'kubectl';

/** The fields `manager` may take without force: those of the annotation that still have the annotation's values. */
export function takenOver(manager: string, live: KubeObject | undefined, schema: Schema): FieldSet {
  const text = manager === KUBECTL ? live?.metadata.annotations?.[ANNOTATION] : undefined;
  if (live === undefined || text === undefined) return FieldSet.EMPTY;
  try {
    const before = JSON.parse(text) as unknown;
    if (!isObject(before) || before['apiVersion'] !== live.apiVersion) return FieldSet.EMPTY;
    const { added, modified, removed } = compare(before, live, schema);
    return fieldsOf(before, schema).difference(modified).difference(added).difference(removed);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof NoIdentity) return FieldSet.EMPTY;
    throw error;
  }
}

/** `object` with the annotation brought up to what `manager` applied; as it is where there is no annotation. */
export function withLastApplied(object: KubeObject, manager: string, applied: JsonObject): KubeObject {
  const { annotations = {} } = object.metadata;
  if (manager !== KUBECTL || annotations[ANNOTATION] === undefined) return object;
  const metadata: JsonObject = isObject(applied['metadata']) ? { ...applied['metadata'] } : {};
  delete metadata['managedFields'];
  const text = `${JSON.stringify({ ...applied, metadata })}\n`;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [ANNOTATION]: text } } };
}
