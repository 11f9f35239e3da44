/** YAML text (so JSON too) to a JSON value, with go-yaml's words where it is neither. */
import { CST, Lexer, parseDocument, type YAMLParseError } from 'yaml';
import { parseJson, TOO_DEEP, type ParsedJson } from './json-syntax.js';

/** Anchors that refer to each other must not grow a small text without bound. */
const MAX_ALIASES = 100;
/** The parser recurses, and running out of stack can end the process: deeper texts never reach it. */
const MAX_DEPTH = 200;

/** The first document of `text`; null when there is none. */
export function parseYaml(text: string): ParsedJson {
  const json = parseJson(text);
  if ('value' in json) return json;
  if (isTooDeep(text)) return { error: `yaml: ${TOO_DEEP}` };
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault !== undefined) return { error: wordsOf(fault) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return parseJson(JSON.stringify(value) ?? 'null');
  } catch (error) {
    if (error instanceof ReferenceError) return { error: 'yaml: document contains excessive aliasing' };
    // An anchor can stand inside itself, and JSON cannot.
    if (error instanceof TypeError) return { error: `yaml: ${TOO_DEEP}` };
    throw error;
  }
}

/** Flow collections by their brackets; block ones by the indentation and the indicators of a line. */
function isTooDeep(text: string): boolean {
  let flow = 0;
  let block = 0;
  for (const lexeme of new Lexer().lex(text)) {
    switch (CST.tokenType(lexeme)) {
      case 'flow-map-start':
      case 'flow-seq-start':
        flow++;
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        flow--;
        break;
      case 'newline':
        block = 0;
        break;
      case 'space':
        block += lexeme.length;
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
        block++;
    }
    if (flow > MAX_DEPTH || block > 2 * MAX_DEPTH) return true;
  }
  return false;
}

/** Faults that go-yaml finds while scanning are placed from the second line on. */
function wordsOf({ code, message, linePos }: YAMLParseError): string {
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
      return 'yaml: unknown anchor referenced';
    default:
      return `yaml: line ${line}: ${message.split('\n')[0] ?? ''}`;
  }
}
