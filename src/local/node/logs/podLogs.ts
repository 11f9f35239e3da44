import { LineReader } from './lineReader.js';
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

/** What is there of the log, then, where it is followed, what comes. */
async function* selectedLines(source: LogSource, options: LogOptions): AsyncGenerator<LogLine> {
  const since = sinceMs(options, source.now);
  const { tailLines } = options;
  const tail: LogLine[] = [];
  let caughtUp = false;
  for await (const raw of rawLines(source, options)) {
    if (raw === CAUGHT_UP) {
      caughtUp = true;
      yield* tail.splice(0);
      continue;
    }
    const line = parseLine(raw);
    if (line === undefined || (since !== undefined && Date.parse(line.time) < since)) continue;
    if (caughtUp || tailLines === undefined) yield line;
    else if (tailLines > 0) {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
    }
  }
}

/** Stands between the lines that were there and those that came later. */
const CAUGHT_UP = Symbol('caught up');

/** The lines of all files of the run, oldest first; each byte is read once, however long a follow lasts. */
async function* rawLines(
  { path, live }: LogSource,
  { follow, signal }: LogOptions,
): AsyncGenerator<string | typeof CAUGHT_UP> {
  let rotations = live?.rotations ?? 0;
  let reader = await LineReader.open(path);
  try {
    for (const file of logFilesOf(path)) {
      if (file !== path && !(await reader.reads(file))) yield* readWhole(file);
    }
    yield* reader.rest();
    yield CAUGHT_UP;
    if (follow !== true || live === undefined) return;
    while (signal?.aborted !== true) {
      const change = live.changed();
      const isOver = live.isClosed;
      yield* reader.rest();
      if (live.rotations !== rotations) {
        rotations = live.rotations;
        await reader.close();
        reader = await LineReader.open(path);
        yield* reader.rest();
      }
      if (isOver) return;
      signal?.addEventListener('abort', change.cancel, { once: true });
      await change.promise;
      signal?.removeEventListener('abort', change.cancel);
    }
  } finally {
    await reader.close();
  }
}

async function* readWhole(path: string): AsyncGenerator<string> {
  const reader = await LineReader.open(path);
  try {
    yield* reader.rest();
  } finally {
    await reader.close();
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
