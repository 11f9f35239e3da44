/** JSON Merge Patch, RFC 7386. */
import { cloneJson, getOwn, isObject, setOwn, type JsonObject } from '../json.js';

/** `doc` with `patch` merged into it; neither is touched. Nulls in the patch delete, arrays replace. */
export function applyMergePatch(doc: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return cloneJson(patch);
  const merged: JsonObject = isObject(doc) ? { ...doc } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else setOwn(merged, key, applyMergePatch(getOwn(merged, key), value));
  }
  return merged;
}
