/** The configuration of a server-side apply: YAML (so JSON too), with the words of Go's decoder where it is neither. */
import { parseDocument, type YAMLParseError } from 'yaml';
import { isObject, type JsonObject } from '../json.js';
import { badRequest } from '../status.js';
import { goJsonType } from './json-syntax.js';

/** Anchors that refer to each other must not grow a small text without bound. */
const MAX_ALIASES = 100;

/**
 * The object a configuration is; empty when the text is. `custom` says that a custom resource is asked for: their
 * server has other words. Throws 400.
 */
export function decodeApplyPatch(text: string, custom: boolean): JsonObject {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault !== undefined) throw refusal(yamlFault(fault), custom, 'error converting YAML to JSON');
  const value = toJson(document, custom);
  if (value === null || value === undefined) return {};
  if (!isObject(value)) {
    const found = goJsonType(value);
    const why = `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
    throw refusal(`while decoding JSON: ${why}`, custom, 'error unmarshaling JSON');
  }
  return value;
}

function toJson(document: ReturnType<typeof parseDocument>, custom: boolean): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw refusal('yaml: document contains excessive aliasing', custom, 'error converting YAML to JSON');
  }
}

function refusal(why: string, custom: boolean, stage: string) {
  return badRequest(custom ? `error encoding patch: ${why}` : `error decoding YAML: ${stage}: ${why}`);
}

/** What go-yaml says where the parser here uses other words; faults found while scanning count lines from zero. */
function yamlFault({ code, message, linePos }: YAMLParseError): string {
  const line = linePos?.[0].line ?? 1;
  const scanned = line > 1 ? `line ${line}: ` : '';
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return `yaml: ${scanned}mapping values are not allowed in this context`;
    case 'TAB_AS_INDENT':
      return `yaml: line ${line}: found character that cannot start any token`;
    case 'MISSING_CHAR':
    case 'BAD_COLLECTION_TYPE':
      return `yaml: line ${line}: did not find expected node content`;
    case 'BAD_ALIAS':
      return `yaml: unknown anchor referenced`;
    default:
      return `yaml: line ${line}: ${message.split('\n')[0] ?? ''}`;
  }
}
