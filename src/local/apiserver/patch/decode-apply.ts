/** The configuration of a server-side apply. */
import { isObject, type JsonObject } from '../json.js';
import { badRequest } from '../status.js';
import { goJsonType } from './json-syntax.js';
import { parseYaml } from './yaml-syntax.js';

/**
 * The object a YAML text is; empty when the text is. `custom` says that a custom resource is asked for: their server
 * has other words. Throws 400.
 */
export function decodeApplyPatch(text: string, custom: boolean): JsonObject {
  const parsed = parseYaml(text);
  if ('error' in parsed) throw refusal(parsed.error, custom, 'error converting YAML to JSON');
  const value = parsed.value ?? {};
  if (isObject(value)) return value;
  const why = `json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`;
  throw refusal(`while decoding JSON: ${why}`, custom, 'error unmarshaling JSON');
}

function refusal(why: string, custom: boolean, stage: string) {
  return badRequest(custom ? `error encoding patch: ${why}` : `error decoding YAML: ${stage}: ${why}`);
}
