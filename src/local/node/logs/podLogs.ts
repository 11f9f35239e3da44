import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type LogFile, logFilesOf } from './logFile.js';

/** What `kubectl logs` asks for (PodLogOptions). */
export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
  /** Ends a follow. */
  readonly signal?: AbortSignal;
}

export interface LogSource {
  readonly path: string;
  /** The file still written to; undefined when the run is over. */
  readonly live: LogFile | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The lines of one run of a container, as kubectl prints them, in chunks of bytes. */
export async function* readLogs(source: LogSource, options: LogOptions): AsyncGenerator<Uint8Array> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const line of selectedLines(source, options)) {
    const text = options.timestamps === true ? `${line.time} ${line.text}` : line.text;
    const bytes = Buffer.from(line.isWhole ? `${text}\n` : text);
    if (bytes.length >= left) {
      yield bytes.subarray(0, left);
      return;
    }
    left -= bytes.length;
    yield bytes;
  }
}

interface LogLine {
  readonly time: string;
  readonly text: string;
  readonly isWhole: boolean;
}

async function* selectedLines(source: LogSource, options: LogOptions): AsyncGenerator<LogLine> {
  const since = sinceMs(options, source.now);
  const recent = (line: LogLine) => since === undefined || Date.parse(line.time) >= since;
  const { tailLines, follow } = options;
  const tail: LogLine[] = [];
  let seen = 0;
  for await (const line of linesOf(source.path)) {
    seen += 1;
    if (!recent(line)) continue;
    if (tailLines === undefined) yield line;
    else if (tailLines > 0) {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
    }
  }
  yield* tail;
  if (follow === true && source.live !== undefined) yield* followed(source.live, seen, options.signal);
}

/** What is appended after the first `seen` lines, until the run is over. */
async function* followed(
  live: LogFile,
  seen: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogLine> {
  let position = seen;
  const stop: { wake: () => void } = { wake: () => undefined };
  const onAbort = () => stop.wake();
  signal?.addEventListener('abort', onAbort);
  try {
    while (signal?.aborted !== true) {
      const { promise, cancel } = live.changed();
      stop.wake = cancel;
      const over = live.isClosed;
      let index = 0;
      for await (const line of linesOf(live.path)) {
        index += 1;
        if (index > position) yield line;
      }
      // Rotation drops the oldest lines: then there are fewer than were seen.
      position = Math.max(index, index < position ? index : position);
      if (over) return;
      await promise;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.wake();
  }
}

async function* linesOf(path: string): AsyncGenerator<LogLine> {
  for (const file of logFilesOf(path)) {
    const input = createReadStream(file);
    input.on('error', () => undefined);
    for await (const raw of createInterface({ input, crlfDelay: Infinity })) {
      const line = parseLine(raw);
      if (line !== undefined) yield line;
    }
  }
}

/** `TIME STREAM F|P TEXT`; a line that is cut short by a crash is left out. */
function parseLine(raw: string): LogLine | undefined {
  const match = /^(\S+) (?:stdout|stderr) ([FP]) (.*)$/s.exec(raw);
  if (match === null) return undefined;
  return { time: match[1] ?? '', text: match[3] ?? '', isWhole: match[2] === 'F' };
}

function sinceMs(options: LogOptions, now: number): number | undefined {
  if (options.sinceSeconds !== undefined) return now - options.sinceSeconds * 1000;
  return options.sinceTime === undefined ? undefined : Date.parse(options.sinceTime);
}
