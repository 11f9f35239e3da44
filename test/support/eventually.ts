/** Waiting for what other processes do: asked again and again until it holds, within a deadline. */
const PAUSE_MS = 50;
const DEADLINE_MS = 30_000;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Answers what `probe` answers first without throwing and without undefined or false. Fails at the deadline with what
 * `probe` threw last, so that a probe may simply hold `expect` calls.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown = 'it never held';
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const reason = last instanceof Error ? last.message : String(last);
      throw new Error(`${what}: not within ${deadlineMs} ms: ${reason}`, { cause: last });
    }
    await pause(PAUSE_MS);
  }
}
