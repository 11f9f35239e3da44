import { parseQuantity } from '../../base/index.js';

/** Fields whose values the API server may print in another way: 0.5 and 500m are the same. */
const QUANTITY_MAPS = new Set(['requests', 'limits']);

/**
 * Whether `observed` has everything that is in `wanted`; more (defaults, fields of others) is no difference. A list
 * of objects may have more of them, in any order; a list of plain values is compared as it is.
 */
export function contains(observed: unknown, wanted: unknown, field = ''): boolean {
  if (isEmpty(wanted) && isEmpty(observed)) return true;
  if (Array.isArray(wanted)) return Array.isArray(observed) && containsElements(observed, wanted);
  if (isRecord(wanted)) {
    return (
      isRecord(observed) &&
      Object.entries(wanted).every(([name, value]) =>
        QUANTITY_MAPS.has(field)
          ? sameQuantity(observed[name], value)
          : contains(observed[name], value, name),
      )
    );
  }
  return observed === wanted;
}

function containsElements(observed: readonly unknown[], wanted: readonly unknown[]): boolean {
  if (wanted.every(isRecord)) {
    return wanted.every((element) => observed.some((candidate) => contains(candidate, element)));
  }
  return (
    observed.length === wanted.length && wanted.every((element, index) => contains(observed[index], element))
  );
}

function sameQuantity(observed: unknown, wanted: unknown): boolean {
  return typeof observed === 'string' || typeof observed === 'number'
    ? parseQuantity(observed) === parseQuantity(String(wanted))
    : false;
}

/** The API server leaves empty lists and maps out. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
