import pino, { type DestinationStream } from 'pino';

/** Lines that nobody has read yet; more are dropped. In bytes. */
const MOST_UNREAD = 1 << 22;

/** What one write(2) to a pipe does not mix with what other processes write (POSIX' PIPE_BUF). */
const WHOLE = 4096;

/**
 * Standard output for a log. A reader that is slow, or has stopped, never holds up the process: lines wait up to a bound, those
 * beyond are dropped, and how many is told once there is room. What waits when the process ends is written if there is a reader.
 */
export function standardOutput(): DestinationStream {
  let ending = false;
  let dropped = 0;
  const lines = pino.destination({
    fd: 1,
    sync: false,
    maxLength: MOST_UNREAD,
    maxWrite: WHOLE,
    retryEAGAIN: () => !ending,
  });
  lines.on('error', () => undefined);
  lines.on('drop', () => dropped++);
  lines.on('drain', () => {
    if (dropped === 0) return;
    lines.write(
      `${JSON.stringify({ level: 'warn', msg: 'log lines were dropped: nobody read them', dropped })}\n`,
    );
    dropped = 0;
  });
  process.once('exit', () => {
    ending = true;
    try {
      lines.flushSync();
    } catch {
      // Nobody reads.
    }
  });
  return lines;
}
