/** Checks that many kinds share. Source: k8s.io/kubernetes/pkg/apis/core/validation and apimachinery's validation. */
import { equalJson } from '../json.js';
import { invalid, notSupported, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { type NameRule, portName } from './names.js';

const PERCENT = /^[0-9]+%$/;
const PERCENT_MESSAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const PORT_RANGE = 'must be between 1 and 65535, inclusive';

export function nonNegative(value: number | undefined, field: string): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [invalid(field, value, 'must be greater than or equal to 0')];
}

export function positive(value: number | undefined, field: string): FieldError[] {
  return value === undefined || value > 0 ? [] : [invalid(field, value, 'must be greater than 0')];
}

export function inRange(value: number, [low, high]: readonly [number, number], field: string): FieldError[] {
  if (value >= low && value <= high) return [];
  return [invalid(field, value, `must be between ${low} and ${high}, inclusive`)];
}

/** Empty counts as missing. */
export function present(value: unknown, field: string, detail = ''): FieldError[] {
  return value === undefined || value === null || value === '' ? [required(field, detail)] : [];
}

export function oneOf(value: string | undefined, allowed: readonly string[], field: string): FieldError[] {
  return value === undefined || allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

/** What a name rule says of a value. */
export function named(rule: NameRule, value: string | undefined, field: string): FieldError[] {
  return value === undefined ? [] : rule(value).map((problem) => invalid(field, value, problem));
}

/** Present, and as the rule wants it. */
export function requiredName(rule: NameRule, value: string | undefined, field: string): FieldError[] {
  return value === undefined || value === '' ? [required(field)] : named(rule, value, field);
}

export function immutable(value: unknown, old: unknown, field: string): FieldError[] {
  return equalJson(value ?? null, old ?? null) ? [] : [invalid(field, value ?? null, 'field is immutable')];
}

export function portNumber(value: number, field: string): FieldError[] {
  return value >= 1 && value <= 65535 ? [] : [invalid(field, value, PORT_RANGE)];
}

/** A port by number or by name. */
export function portNumberOrName(value: number | string | undefined, field: string): FieldError[] {
  if (value === undefined) return [invalid(field, 0, PORT_RANGE)];
  return typeof value === 'number' ? portNumber(value, field) : named(portName, value, field);
}

/** `3` or `25%`, not negative. */
export function countOrPercent(value: number | string | undefined, field: string): FieldError[] {
  if (typeof value === 'string') return PERCENT.test(value) ? [] : [invalid(field, value, PERCENT_MESSAGE)];
  return nonNegative(value, field);
}

export function atMost100Percent(value: number | string | undefined, field: string): FieldError[] {
  if (typeof value !== 'string' || !PERCENT.test(value) || Number.parseInt(value, 10) <= 100) return [];
  return [invalid(field, value, 'must not be greater than 100%')];
}

/** Whether a count, or a percentage, is nothing. */
export function isZero(value: number | string | undefined): boolean {
  return (
    value === undefined || value === 0 || (typeof value === 'string' && Number.parseInt(value, 10) === 0)
  );
}
