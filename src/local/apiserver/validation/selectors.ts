/** Label selectors of objects. Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation and meta/v1/helpers.go. */
import { child, forbidden, invalid, required } from '../schema/field-errors.js';
import type { FieldError } from '../status.js';
import { validateLabels } from './metadata.js';
import { labelValue, qualifiedName } from './names.js';
import { named } from './values.js';

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Requirement[];
}

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

const SET_OPERATORS = ['In', 'NotIn'];
const EXISTENCE_OPERATORS = ['Exists', 'DoesNotExist'];

export function validateSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (selector === undefined) return [];
  const errors = validateLabels(selector.matchLabels, child(path, 'matchLabels'));
  selector.matchExpressions?.forEach((requirement, i) => {
    errors.push(...validateRequirement(requirement, `${path}.matchExpressions[${i}]`));
  });
  return errors;
}

function validateRequirement(
  { key = '', operator = '', values = [] }: Requirement,
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (SET_OPERATORS.includes(operator)) {
    if (values.length === 0) {
      errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (EXISTENCE_OPERATORS.includes(operator)) {
    if (values.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push(forbidden(`${at}.values`, detail));
    }
  } else {
    errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'));
  }
  errors.push(...named(qualifiedName, key, `${at}.key`));
  values.forEach((value, i) => errors.push(...named(labelValue, value, `${at}.values[${i}]`)));
  return errors;
}

export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
}

/** Whether labels match; undefined when the selector cannot be used. A selector that is not there matches nothing. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels): boolean | undefined {
  if (selector === undefined) return false;
  if (validateSelector(selector, '').length > 0) return undefined;
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return exact && (selector.matchExpressions ?? []).every((requirement) => meets(requirement, labels));
}

function meets({ key = '', operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  const isIn = value !== undefined && values.includes(value);
  return operator === 'In' ? isIn : !isIn;
}
