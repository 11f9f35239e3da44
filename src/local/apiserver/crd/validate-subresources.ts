/** Subresources, printer columns and selectable fields of a version. Source: apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import type { Schema } from '../schema/index.js';
import { duplicate, invalid, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import type { PrinterColumn } from '../kinds/kind.js';
import type { DefinitionVersion } from './definition.js';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;

/** A path has to begin with a dot; how far it can be followed shows when it is. */
function simplePath(path: string | undefined, field: string): FieldError[] {
  if (path === undefined || path === '') return [required(field)];
  return path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')];
}

function pathUnder(root: string, path: string | undefined, field: string): FieldError[] {
  const errors = simplePath(path, field);
  if (errors.length > 0 || path === undefined || path.startsWith(`${root}.`)) return errors;
  return [invalid(field, path, `should be a json path under ${root}`)];
}

export function validateSubresources(version: DefinitionVersion, path: string): FieldError[] {
  const scale = version.subresources?.scale;
  if (scale === undefined) return [];
  const at = `${path}.scale`;
  const errors = [
    ...pathUnder('.spec', scale.specReplicasPath, `${at}.specReplicasPath`),
    ...pathUnder('.status', scale.statusReplicasPath, `${at}.statusReplicasPath`),
  ];
  const selector = scale.labelSelectorPath;
  if (selector === undefined || selector === '') return errors;
  const field = `${at}.labelSelectorPath`;
  errors.push(...simplePath(selector, field));
  if (selector.startsWith('.') && !/^\.(spec|status)\./.test(selector)) {
    errors.push(invalid(field, selector, 'should be a json path under either .spec or .status'));
  }
  return errors;
}

export function validateColumns(columns: readonly PrinterColumn[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  columns?.forEach((column, i) => {
    const at = `${path}[${i}]`;
    const { name, type, format, jsonPath } = column;
    if (!name) errors.push(required(`${at}.name`));
    if (!type) errors.push(required(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
    else if (!COLUMN_TYPES.includes(type)) {
      errors.push(invalid(`${at}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`));
    }
    if (format && !COLUMN_FORMATS.includes(format)) {
      errors.push(invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    errors.push(...simplePath(jsonPath, `${at}.JSONPath`));
  });
  return errors;
}

export function validateSelectableFields(
  version: DefinitionVersion,
  schema: Schema | undefined,
  path: string,
): FieldError[] {
  const fields = version.selectableFields ?? [];
  const errors: FieldError[] = [];
  if (fields.length > MAX_SELECTABLE_FIELDS) {
    const message = `Too many: ${fields.length}: must have at most ${MAX_SELECTABLE_FIELDS} items`;
    errors.push({ reason: 'FieldValueTooMany', field: path, message });
  }
  const seen = new Set<string>();
  fields.forEach(({ jsonPath }, i) => {
    const at = `${path}[${i}].jsonPath`;
    if (jsonPath === undefined || jsonPath === '') {
      errors.push(required(at));
      return;
    }
    const problem = selectableProblem(schema, jsonPath);
    if (problem !== undefined) errors.push(invalid(at, jsonPath, problem));
    else if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
  });
  return errors;
}

function selectableProblem(schema: Schema | undefined, path: string): string | undefined {
  if (!/^[.[]/.test(path)) {
    return `is an invalid path: expected [ or . but got: ${/^[^.[]*/.exec(path)?.[0] ?? ''}`;
  }
  const node = schemaAt(schema, path);
  if (node === undefined || path.startsWith('.metadata'))
    return 'is an invalid path: does not refer to a valid field';
  if (['string', 'boolean', 'integer'].includes(node.type ?? '')) return undefined;
  return 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
}

/** The schema a path of field names (`.spec.model.name`) leads to. */
export function schemaAt(schema: Schema | undefined, path: string): Schema | undefined {
  let node = schema;
  for (const name of path.split('.').slice(1)) {
    const properties: Record<string, Schema> | undefined = node?.properties;
    node = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
  }
  return node;
}
