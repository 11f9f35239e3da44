import type { LabelSelector } from './meta.js';

type Labels = Readonly<Record<string, string>>;

/** Whether a LabelSelector selects the labels; an empty selector selects everything (metav1.LabelSelectorAsSelector). */
export function selectorMatches(selector: LabelSelector, labels: Labels = {}): boolean {
  return (
    labelsMatch(selector.matchLabels ?? {}, labels) &&
    (selector.matchExpressions ?? []).every((expression) => expressionMatches(expression, labels))
  );
}

/** Whether every wanted label is there with its value. */
export function labelsMatch(wanted: Labels, labels: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

export function isEmptySelector(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
  );
}

/** One requirement of a label or node selector: In, NotIn, Exists, DoesNotExist, Gt, Lt. An unknown operator matches nothing. */
export function expressionMatches(
  expression: { key: string; operator: string; values?: string[] },
  labels: Labels,
): boolean {
  const value = labels[expression.key];
  const values = expression.values ?? [];
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
