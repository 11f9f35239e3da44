const DECIMAL = /^(0|[1-9]\d*)$/;

/**
 * Negative when `a` is older than `b`, positive when newer, 0 when equal; undefined when they cannot be told apart.
 * Source: KEP-5504, resource versions are decimal numbers of any length, comparable within a kind.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}
