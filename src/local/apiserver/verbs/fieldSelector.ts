/** The fieldSelector query parameter: grammar of k8s.io/apimachinery/pkg/fields, fields of the kind's row. */
import type { KubeObject } from '../../../kube/index.js';
import type { KindRow } from '../kinds/kind.js';
import { badRequest } from '../status.js';

export interface FieldRequirement {
  readonly path: string;
  readonly value: string;
  readonly negated: boolean;
}

/** Splits at commas that no backslash escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\') term += char + (text[++at] ?? '');
    else if (char === ',') {
      terms.push(term);
      term = '';
    } else term += char;
  }
  return [...terms, term].filter((each) => each !== '');
}

function unescape(value: string): string {
  return value.replace(/\\([\\,=])/g, '$1');
}

/** Throws 400 when the text is no selector. */
export function parseFieldSelector(text: string | null): readonly FieldRequirement[] {
  if (text === null || text === '') return [];
  return splitTerms(text).map((term) => {
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, path = '', operator, value = ''] = match;
    return { path, value: unescape(value), negated: operator === '!=' };
  });
}

/** Fields some built-in kinds have a conversion function of their own for; its refusal is worded differently. */
function unsupported(row: KindRow, path: string): string {
  if (row.selectableFields.length > 0 && row.custom === undefined) {
    if (row.kind === 'Pod' || row.kind === 'Event') return `field label not supported: ${path}`;
    return `${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  }
  if (row.custom !== undefined) return `field label not supported: ${path}`;
  return `${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** Throws 400 when the kind does not know a field. */
export function checkFieldSelector(row: KindRow, requirements: readonly FieldRequirement[]): void {
  for (const { path } of requirements) {
    const known =
      path === 'metadata.name' || path === 'metadata.namespace' || row.selectableFields.includes(path);
    if (!known) throw badRequest(unsupported(row, path));
  }
}

/** Defaults Go's zero values have where the JSON leaves a field out. */
const ABSENT: Readonly<Record<string, string>> = {
  'status.replicas': '0',
  'status.successful': '0',
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
};

function fieldValue(object: KubeObject, path: string): string {
  if (path === 'source') return textAt(object, 'source.component') || textAt(object, 'reportingComponent');
  if (path === 'status.successful') return textAt(object, 'status.succeeded') || '0';
  return textAt(object, path) || (ABSENT[path] ?? '');
}

function textAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split('.')) {
    value =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  }
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function matchesFields(object: KubeObject, requirements: readonly FieldRequirement[]): boolean {
  return requirements.every(({ path, value, negated }) => (fieldValue(object, path) === value) !== negated);
}
