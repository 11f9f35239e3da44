/**
 * Where the elements of a strategically merged list end up: those of the patch in the patch's order, the others in
 * the live order, interleaved by the live order where it tells.
 */
import { getOwn, isObject } from '../json.js';

/** What tells elements apart: the merge key's value, or a scalar itself. */
function identity(element: unknown, mergeKey: string | undefined): unknown {
  return mergeKey !== undefined && isObject(element) ? getOwn(element, mergeKey) : element;
}

function positions(order: readonly unknown[], mergeKey: string | undefined): Map<unknown, number> {
  const at = new Map<unknown, number>();
  for (const [i, element] of order.entries()) {
    const id = identity(element, mergeKey);
    if (!at.has(id)) at.set(id, i);
  }
  return at;
}

/** `merged` with the elements `order` mentions in that order; `live` is the list before. */
export function inSetOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const wanted = positions(order, mergeKey);
  const before = positions(live, mergeKey);
  const place = (at: Map<unknown, number>, element: unknown) => at.get(identity(element, mergeKey));
  const mentioned = merged.filter((element) => place(wanted, element) !== undefined);
  mentioned.sort((a, b) => (place(wanted, a) ?? 0) - (place(wanted, b) ?? 0));
  const others = merged.filter((element) => place(wanted, element) === undefined);
  const out: unknown[] = [];
  for (const element of mentioned) {
    const limit = place(before, element);
    while (others.length > 0 && limit !== undefined) {
      const other = place(before, others[0]);
      if (other === undefined || other >= limit) break;
      out.push(others.shift());
    }
    out.push(element);
  }
  return [...out, ...others];
}

/** Whether the elements a patch adds or changes stand in `order`, in that order. */
export function orderMatches(
  patch: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): boolean {
  const kept = patch.filter((element) => !(isObject(element) && '$patch' in element));
  let next = 0;
  for (const element of order) {
    if (next < kept.length && identity(element, mergeKey) === identity(kept[next], mergeKey)) next++;
  }
  return next === kept.length;
}
