import { createWriteStream, existsSync, openSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import type { Clock } from '../../../base/index.js';

/** As kubelet's containerLogMaxSize and containerLogMaxFiles. */
const MAX_BYTES = 10 * 2 ** 20;
const MAX_FILES = 5;
/** A longer line is cut into parts, as the container runtime interface has it. */
const MAX_LINE = 16 * 2 ** 10;
const NEWLINE = 0x0a;

export type LogStream = 'stdout' | 'stderr';

export interface LogFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly maxBytes?: number;
}

/**
 * One run of one container: lines in the format of the container runtime interface (`TIME STREAM F|P TEXT`), rotated
 * by size and bounded in number (`path`, `path.1` … `path.4`).
 */
export class LogFile {
  readonly path: string;
  private readonly clock: Clock;
  private readonly maxBytes: number;
  private stream: WriteStream;
  private size = 0;
  private readonly partial: Record<LogStream, Buffer[]> = { stdout: [], stderr: [] };
  private readonly waiters = new Set<() => void>();
  private closed = false;
  /** How often the file was renamed away and begun anew. */
  rotations = 0;

  constructor(options: LogFileOptions) {
    this.path = options.path;
    this.clock = options.clock;
    this.maxBytes = options.maxBytes ?? MAX_BYTES;
    this.stream = this.open();
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Takes a chunk of output. False when the disk is behind: pause the source until `drained` resolves. */
  write(stream: LogStream, chunk: Buffer): boolean {
    if (this.closed) return true;
    let start = 0;
    const lines: string[] = [];
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.line(stream, chunk.subarray(start, end), 'F'));
      start = end + 1;
    }
    if (start < chunk.length) this.hold(stream, chunk.subarray(start), lines);
    if (lines.length === 0) return true;
    const text = lines.join('');
    this.size += Buffer.byteLength(text);
    const room = this.stream.write(text, () => this.wake());
    if (this.size > this.maxBytes) this.tryRotate();
    return room;
  }

  /** Resolves when the disk has caught up. */
  drained(): Promise<void> {
    if (!this.stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => this.stream.once('drain', resolve));
  }

  /** Resolves at the next change, or at once when the run is over; `cancel` ends the wait. */
  changed(): { promise: Promise<void>; cancel: () => void } {
    let cancel = () => undefined as void;
    const promise = new Promise<void>((resolve) => {
      cancel = () => {
        this.waiters.delete(cancel);
        resolve();
      };
      if (this.closed) resolve();
      else this.waiters.add(cancel);
    });
    return { promise, cancel };
  }

  /** Writes what is left of unfinished lines and ends the file. */
  async close(): Promise<void> {
    if (this.closed) return;
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.partial[stream].length > 0) this.stream.write(this.line(stream, Buffer.alloc(0), 'F'));
    }
    this.closed = true;
    await new Promise<void>((resolve) => this.stream.end(resolve));
    this.wake();
  }

  private hold(stream: LogStream, rest: Buffer, lines: string[]): void {
    this.partial[stream].push(Buffer.from(rest));
    const held = this.partial[stream].reduce((sum, part) => sum + part.length, 0);
    if (held >= MAX_LINE) lines.push(this.line(stream, Buffer.alloc(0), 'P'));
  }

  private line(stream: LogStream, tail: Buffer, tag: 'F' | 'P'): string {
    const text = Buffer.concat([...this.partial[stream], tail]).toString('utf8');
    this.partial[stream] = [];
    const time = new Date(this.clock.now()).toISOString().replace('Z', '000000Z');
    return `${time} ${stream} ${tag} ${text}\n`;
  }

  private open(): WriteStream {
    // Opened at once: a file that is not there yet could not be renamed by a rotation.
    const stream = createWriteStream(this.path, { fd: openSync(this.path, 'a', 0o600) });
    // A full disk costs log lines, never the container.
    stream.on('error', () => undefined);
    return stream;
  }

  /** Where no file can be made any more, the one there is goes on growing: better than losing the container. */
  private tryRotate(): void {
    try {
      this.rotate();
    } catch {
      this.size = 0;
    }
  }

  private rotate(): void {
    rmSync(`${this.path}.${MAX_FILES - 1}`, { force: true });
    for (let index = MAX_FILES - 2; index >= 0; index -= 1) {
      const from = index === 0 ? this.path : `${this.path}.${index}`;
      if (existsSync(from)) renameSync(from, `${this.path}.${index + 1}`);
    }
    const full = this.stream;
    this.stream = this.open();
    full.end(() => this.wake());
    this.size = 0;
    this.rotations += 1;
  }

  private wake(): void {
    for (const wake of [...this.waiters]) wake();
  }
}

/** The files of one run, oldest first. */
export function logFilesOf(path: string): string[] {
  const rotated = Array.from({ length: MAX_FILES - 1 }, (_, index) => `${path}.${MAX_FILES - 1 - index}`);
  return [...rotated, path].filter((file) => existsSync(file));
}
