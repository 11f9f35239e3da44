/** Bounds of numbers. Source: k8s.io/kube-openapi/pkg/validation/validate (numberValidator). */
import type { FieldError } from '../status.js';
import { invalid } from './field-errors.js';
import type { Schema } from './schema.js';

const INT32 = 2 ** 31;
const INT64 = 2 ** 63;
const FLOAT32 = 3.4028234663852886e38;

/** Whether the declared type and format can hold the number at all. */
function isInRange(schema: Schema, value: number): boolean {
  if (schema.type === 'integer' || schema['x-kubernetes-int-or-string'] === true) {
    const limit = schema.format === 'int32' ? INT32 : INT64;
    return Number.isInteger(value) && value >= -limit && value < limit;
  }
  return schema.format !== 'float' && schema.format !== 'float32' ? true : Math.abs(value) <= FLOAT32;
}

/** Multiples of decimal fractions (0.1) are meant as they are written, not as they are stored. */
function isMultipleOf(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

export function validateNumber(schema: Schema, value: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { multipleOf, maximum, minimum } = schema;
  if (!isInRange(schema, value)) {
    const type = schema['x-kubernetes-int-or-string'] === true ? 'integer' : (schema.type ?? '');
    const format = schema.format === undefined ? '(default format)' : `with format ${schema.format}`;
    const message = `Checked value must be of type ${type} ${format} in ${path}`;
    errors.push(invalid('<nil>', '', message));
  }
  if (multipleOf !== undefined && !isMultipleOf(value, multipleOf)) {
    errors.push(invalid(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  }
  if (maximum !== undefined) {
    const exclusive = schema.exclusiveMaximum === true;
    if (exclusive ? value >= maximum : value > maximum) {
      const bound = exclusive ? 'less than' : 'less than or equal to';
      errors.push(invalid(path, value, `${path} in body should be ${bound} ${maximum}`));
    }
  }
  if (minimum !== undefined) {
    const exclusive = schema.exclusiveMinimum === true;
    if (exclusive ? value <= minimum : value < minimum) {
      const bound = exclusive ? 'greater than' : 'greater than or equal to';
      errors.push(invalid(path, value, `${path} in body should be ${bound} ${minimum}`));
    }
  }
  return errors;
}
