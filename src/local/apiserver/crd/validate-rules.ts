import type { Schema } from '../schema/index.js';
import type { FieldError } from '../status.js';

export function validateRules(_schema: Schema, _path: string): FieldError[] {
  return [];
}
