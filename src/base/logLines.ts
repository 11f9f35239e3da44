import pino, { type DestinationStream } from 'pino';
import { type Clock, systemClock, type Timer } from './clock.js';

/** Lines that nobody has read yet; more are dropped. In bytes. */
const MOST_UNREAD = 1 << 22;

/** What one write(2) to a pipe does not mix with what other processes write (POSIX' PIPE_BUF). */
const WHOLE = 4096;

/**
 * Each write wakes a thread, and whoever reads: of more lines than the first in a span of time the rest leave together, at its end
 * or when there are many.
 */
const AT_ONCE = 8;
const TOGETHER = 256;
const SPAN_MS = 250;

/** How long a process that ends waits for whoever should read its last lines. */
const LAST_LINES_MS = 2_000;

/**
 * Standard output for a log. A reader that is slow, or has stopped, never holds up the process: lines wait up to a bound, those
 * beyond are dropped, and how many is told once there is room. What waits when the process ends is written if there is a reader.
 */
export function standardOutput(): DestinationStream {
  let giveUpAt = Infinity;
  let dropped = 0;
  const lines = pino.destination({
    fd: 1,
    sync: false,
    maxLength: MOST_UNREAD,
    maxWrite: WHOLE,
    retryEAGAIN: () => systemClock.monotonic() < giveUpAt,
  });
  const out = new LeavingTogether(lines, systemClock);
  lines.on('error', () => undefined);
  lines.on('drop', () => dropped++);
  lines.on('drain', () => {
    if (dropped === 0) return;
    const told = { level: 'warn', msg: 'log lines were dropped: nobody read them', dropped };
    dropped = 0;
    out.write(`${JSON.stringify(told)}\n`);
  });
  // Before pino's own listener, which tries without end.
  process.prependOnceListener('exit', () => {
    giveUpAt = systemClock.monotonic() + LAST_LINES_MS;
    try {
      out.leave();
      lines.flushSync();
    } catch {
      // Nobody reads.
      lines.destroy();
    }
  });
  return out;
}

/** A few lines leave at once, a burst together; always in order. */
export class LeavingTogether implements DestinationStream {
  readonly #lines: DestinationStream;
  readonly #clock: Clock;
  #held: string[] = [];
  #inSpan = 0;
  #spanEndsAt = 0;
  #timer: Timer | undefined;

  constructor(lines: DestinationStream, clock: Clock) {
    this.#lines = lines;
    this.#clock = clock;
  }

  write(line: string): void {
    const now = this.#clock.monotonic();
    if (now >= this.#spanEndsAt) {
      this.#spanEndsAt = now + SPAN_MS;
      this.#inSpan = 0;
    }
    if (this.#held.length === 0 && ++this.#inSpan <= AT_ONCE) this.#lines.write(line);
    else if (this.#held.push(line) === TOGETHER) this.leave();
    else this.#timer ??= this.#clock.schedule(this.#spanEndsAt - now, () => this.leave());
  }

  /** Lets go of what is held. */
  leave(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const held = this.#held;
    this.#held = [];
    for (const line of held) this.#lines.write(line);
  }
}
