/** What a kind's type says of an object: its defaults and what is wrong with it. */
import type { KubeObject } from '../../../kube/index.js';
import type { KindRow } from '../kinds/kind.js';
import { applyDefaults } from '../schema/index.js';
import { type FieldError, invalid } from '../status.js';

/** Fills in, where it stands, what the object leaves out. */
export function setDefaults(row: KindRow, object: KubeObject): void {
  const schema = row.schema();
  if (schema !== undefined) applyDefaults(schema, object);
}

export function fieldErrors(_row: KindRow, _object: KubeObject, _old?: KubeObject): FieldError[] {
  return [];
}

/** Throws 422 with every error of the object. */
export function checkObject(row: KindRow, object: KubeObject, old?: KubeObject): void {
  const errors = fieldErrors(row, object, old);
  if (errors.length > 0) throw invalid(row, object.metadata.name, errors);
}
