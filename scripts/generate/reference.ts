/** docs/reference.md: the fields, rules, conditions and reasons of a ModelDeployment, read off the schema. */
import {
  CONDITIONS,
  objectSchema,
  REASONS,
  RULES,
  type Schema,
  specSchema,
  statusSchema,
} from '../../src/api/index.js';

export function renderReference(): string {
  return [
    '# ModelDeployment (gantry.dev/v1alpha1)',
    '',
    '<!-- Generated from src/api by `npm run generate`. Do not edit. -->',
    '',
    objectSchema().description ?? '',
    'Short name `md`; subresources `status` and `scale`.',
    '',
    '## Spec',
    '',
    ...fieldTable(specSchema, 'spec'),
    '',
    '## Rules',
    '',
    'The API server refuses an object that breaks one of these; those marked with * are checked by the operator and by',
    '`gantry validate` alone.',
    '',
    ...RULES.map(
      ({ at, cel, message }) =>
        `- ${at === '' ? '(object)' : `\`${at}\``}: ${message}${cel === undefined ? ' *' : ''}`,
    ),
    '',
    '## Status',
    '',
    ...fieldTable(statusSchema, 'status'),
    '',
    '## Conditions',
    '',
    ...definitionTable('Type', CONDITIONS),
    '',
    '## Reasons',
    '',
    ...definitionTable('Reason', REASONS),
    '',
  ].join('\n');
}

function definitionTable(title: string, rows: Readonly<Record<string, string>>): string[] {
  return [
    `| ${title} | Meaning |`,
    '| --- | --- |',
    ...Object.entries(rows).map(([name, text]) => `| ${name} | ${text} |`),
  ];
}

function fieldTable(schema: Schema, path: string): string[] {
  return ['| Field | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...fieldRows(schema, path)];
}

function fieldRows(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const isList = child.type === 'array';
    const at = `${path}.${name}${isList ? '[]' : ''}`;
    const nested = isList && child.items !== undefined ? child.items : child;
    const required = schema.required?.includes(name) === true ? 'required' : defaultText(child);
    const row = `| \`${at}\` | ${typeText(child)} | ${required} | ${escapeCell(child.description ?? '')}${boundsText(nested)} |`;
    return [row, ...fieldRows(nested, at)];
  });
}

function defaultText(schema: Schema): string {
  if (schema.default === undefined || schema.type === 'object') return '';
  return `\`${JSON.stringify(schema.default)}\``;
}

function typeText(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.join(' \\| ');
  if (schema['x-kubernetes-int-or-string'] === true)
    return schema.pattern === '^auto$' ? 'integer or string' : 'quantity';
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (schema.additionalProperties !== undefined) return `map of ${typeText(schema.additionalProperties)}`;
  return schema.type ?? 'string, number or boolean';
}

function boundsText(schema: Schema): string {
  const { minimum, maximum, pattern } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) return '';
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum} to ${maximum}.`;
  return pattern === undefined ? '' : ` Matches \`${escapeCell(pattern)}\`.`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
