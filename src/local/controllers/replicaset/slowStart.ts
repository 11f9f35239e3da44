/** What came of a batch: how many calls succeeded, and the first error when one did not. */
export interface BatchResult {
  readonly successes: number;
  readonly error?: unknown;
}

/**
 * Calls `action` `count` times in batches of 1, 2, 4, … and stops after a batch in which one failed, so that a refusal
 * every call would meet (a quota, a missing service account) costs one call and not `count`.
 */
export async function slowStart(count: number, action: () => Promise<void>): Promise<BatchResult> {
  let successes = 0;
  for (let batch = 1; successes < count; batch *= 2) {
    const size = Math.min(batch, count - successes);
    const results = await Promise.allSettled(Array.from({ length: size }, () => action()));
    const failed = results.find((result) => result.status === 'rejected');
    successes += results.filter((result) => result.status === 'fulfilled').length;
    if (failed !== undefined) return { successes, error: failed.reason };
  }
  return { successes };
}
