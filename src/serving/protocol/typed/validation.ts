/** Rows checked by a compiled schema, with errors in the words of whoever fills the fields in. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonValue } from '../json/cursor.js';
import { refuse } from '../refusal.js';
import type { Row } from './packing.js';
import type { JsonSchema } from './rowSchema.js';

/** An answer names this many wrong fields of a row, and no more. */
const MAX_ERRORS = 8;

/** Checks a row and fills its defaults in; refuses it with each wrong field's name and what it must be. */
export type CheckRow = (row: JsonValue, place: string) => Row;

export function compileRowCheck(schema: JsonSchema): CheckRow {
  const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: false, ownProperties: true });
  const validate: ValidateFunction = ajv.compile(schema);
  return (row, place) => {
    if (!validate(row)) refuseRow(validate.errors ?? [], place);
    return row as Row;
  };
}

function refuseRow(errors: readonly ErrorObject[], place: string): never {
  const [first, ...others] = errors.slice(0, MAX_ERRORS).map((error) => ({
    place: `${place}${fieldOf(error)}`,
    message: messageOf(error),
  }));
  const more = others.map((error) => `; ${error.place}: ${error.message}`).join('');
  const rest = errors.length > MAX_ERRORS ? `; and ${errors.length - MAX_ERRORS} more` : '';
  refuse(`${first?.message ?? 'must be valid'}${more}${rest}`, first?.place ?? place);
}

/** `.volume_5d`, `.image[3]`: the field the error is about, also when it is missing or too much. */
function fieldOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const named = params.missingProperty ?? params.additionalProperty;
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  if (typeof named === 'string') path.push(named);
  return path.map((part, depth) => (depth > 0 && /^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('');
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function messageOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of this model';
    case 'type':
      return `must be ${article(String(params.type))}`;
    case 'enum':
      return `must be one of ${(params.allowedValues as readonly unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
    case 'minItems':
    case 'maxItems':
      return `must have ${String(params.limit)} elements`;
    default:
      return error.message ?? 'is not valid';
  }
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
