/** The statistics of one model, added up over the processes of a pod. */

/** What is not a count: the latest of all counts. */
const LATEST = new Set(['last_inference']);

/** Entries have the same form: numbers are added, texts are the first's, and what one of them lacks counts for nothing. */
export function addStatistics(entries: readonly object[]): object {
  const sum: Record<string, unknown> = {};
  for (const entry of entries) {
    for (const [name, value] of Object.entries(entry) as [string, unknown][]) {
      const before = sum[name];
      if (typeof value === 'number') {
        const number = typeof before === 'number' ? before : 0;
        sum[name] = LATEST.has(name) ? Math.max(number, value) : number + value;
      } else if (typeof value === 'object' && value !== null) {
        sum[name] = addStatistics(typeof before === 'object' && before !== null ? [before, value] : [value]);
      } else sum[name] ??= value;
    }
  }
  return sum;
}
