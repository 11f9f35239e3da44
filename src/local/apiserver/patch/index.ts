/** Patches of JSON documents: RFC 6902, RFC 7386 and Kubernetes' strategic merge, in the API server's words. Pure. */
export { decodeApplyPatch } from './decode-apply.js';
export { decodeJsonPatch, decodeMergePatch, decodeStrategicMergePatch } from './decode.js';
export { applyJsonPatch, unknownJsonPatchFields } from './json-patch.js';
export { goJsonType, parseJson, UNEXPECTED_END, type ParsedJson } from './json-syntax.js';
export { applyMergePatch } from './merge-patch.js';
export { applyStrategicMergePatch } from './strategic-merge.js';
export { parseYaml } from './yaml-syntax.js';
