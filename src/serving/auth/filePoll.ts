/**
 * Looks at files every few seconds. Watching would miss the mounted Secret, whose folder is swapped by a symbolic link;
 * so each look reads the files, and compares a hash of them with the one before.
 */
import { createHash } from 'node:crypto';
import type { Clock, Timer } from '../../base/index.js';

export const POLL_MS = 2_000;

export class FilePoll {
  readonly #clock: Clock;
  readonly #look: () => Promise<void>;
  #timer: Timer | undefined;
  #stopped = false;

  /** `look` is called again and again, never twice at a time, and must not reject. */
  constructor(clock: Clock, look: () => Promise<void>) {
    this.#clock = clock;
    this.#look = look;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.schedule(POLL_MS, () => void this.#look().then(() => this.#schedule()));
  }
}

/** Different for different contents: the parts' lengths are in it. */
export function fingerprintOf(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}
