/** The body of a PATCH to a value, refused in the words the API server has for each media type. */
import { isObject } from '../json.js';
import { badRequest, unexpected } from '../status.js';
import { goJsonType, parseJson, UNEXPECTED_END } from './json-syntax.js';

/** `application/json-patch+json`. Throws 400. Whether it is a list of operations, applyJsonPatch says. */
export function decodeJsonPatch(body: string): unknown {
  const parsed = parseJson(body);
  if ('error' in parsed) throw badRequest(parsed.error);
  return parsed.value;
}

/** `application/merge-patch+json`: an object or, as the library allows, an array. Throws 500. */
export function decodeMergePatch(body: string): unknown {
  const parsed = parseJson(body);
  if ('error' in parsed || typeof parsed.value !== 'object' || parsed.value === null) {
    throw unexpected('Invalid JSON Patch');
  }
  return parsed.value;
}

/** `application/strategic-merge-patch+json`: an object. Throws 400. */
export function decodeStrategicMergePatch(body: string): unknown {
  const parsed = parseJson(body);
  if ('error' in parsed) throw badRequest(truncated(body, parsed.error));
  if (parsed.value !== null && !isObject(parsed.value)) {
    const found = goJsonType(parsed.value);
    throw badRequest(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`);
  }
  return parsed.value ?? {};
}

/** The server reads this one through a stream decoder, which has other words for an early end. */
function truncated(body: string, error: string): string {
  if (error !== UNEXPECTED_END) return error;
  return body.trim() === '' ? 'EOF' : 'unexpected EOF';
}
