const BASE_MS = 10_000;
const CAP_MS = 5 * 60_000;
/** A container that ran this long starts with a clean slate. */
const RESET_MS = 10 * 60_000;

/** How many ends in a row there are after one more, of a run that lasted `ranMs`. */
export function crashesAfter(crashes: number, ranMs: number): number {
  return ranMs >= RESET_MS ? 1 : crashes + 1;
}

/** kubelet's crash-loop delay: none after the first end, then 10 s doubling to 5 minutes. Milliseconds. */
export function restartDelay(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(BASE_MS * 2 ** Math.min(crashes - 2, 16), CAP_MS);
}

/** Before an attempt at something else than running (pulling, mounting) is made again: 10 s doubling to 5 minutes. */
export function retryDelay(failures: number): number {
  return Math.min(BASE_MS * 2 ** Math.min(failures - 1, 16), CAP_MS);
}
