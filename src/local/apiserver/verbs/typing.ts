/** What a kind's type says of an object: its defaults and what is wrong with it. */
import type { KubeObject } from '../../../kube/index.js';
import { crdWarnings, validateCustom } from '../crd/index.js';
import type { KindRow } from '../kinds/kind.js';
import { applyDefaults } from '../schema/index.js';
import { type FieldError, invalid } from '../status.js';
import {
  defaultBuiltin,
  validateBuiltin,
  validateBuiltinStatus,
  validateMetadata,
  validateMetadataUpdate,
} from '../validation/index.js';
import type { Call } from './call.js';

/** Fills in, where it stands, what the object leaves out. */
export function setDefaults(row: KindRow, object: KubeObject): void {
  const schema = row.schema();
  if (row.custom === undefined) defaultBuiltin(row, object);
  else if (schema !== undefined) applyDefaults(schema, object);
}

/** Throws 422 with every error of the object; what is only worth a warning goes to the call. */
export function checkObject(call: Call, object: KubeObject, old?: KubeObject): void {
  const { row } = call;
  const errors =
    row.custom === undefined ? builtinErrors(call, object, old) : customErrors(call, object, old);
  if (errors.length > 0) throw invalid(refusedAs(row), object.metadata.name, errors);
}

/** Both kinds of events are the core group's inside the server, and so in its refusals. */
function refusedAs(row: KindRow): { readonly group: string; readonly kind: string } {
  return row.group === 'events.k8s.io' ? { group: '', kind: row.kind } : row;
}

function builtinErrors(call: Call, object: KubeObject, old?: KubeObject): FieldError[] {
  if (call.subresource === 'status') return validateBuiltinStatus(call.row, object);
  const found = validateBuiltin(call.row, object, old);
  // An update's metadata is judged by the registry and again by the kind's strategy: each error comes twice.
  const twice = (error: FieldError) => old !== undefined && error.field.startsWith('metadata.');
  const errors = found.flatMap((error) => (twice(error) ? [error, error] : [error]));
  const isDefinition = call.row.plural === 'customresourcedefinitions';
  if (isDefinition && errors.length === 0) call.warnings.push(...crdWarnings(object));
  return errors;
}

function customErrors(call: Call, object: KubeObject, old?: KubeObject): FieldError[] {
  const { row } = call;
  const metadata =
    old === undefined
      ? validateMetadata(object.metadata, { namespaced: row.namespaced })
      : validateMetadataUpdate(object.metadata, old.metadata);
  const schema = row.schema();
  if (schema === undefined) return metadata;
  const kind = { schema, ...(row.scale === undefined ? {} : { scale: row.scale }) };
  const { errors, warnings } = validateCustom(kind, object, old);
  call.warnings.push(...warnings);
  return [...metadata, ...errors];
}
