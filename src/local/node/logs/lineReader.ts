import { type FileHandle, open, stat } from 'node:fs/promises';

const CHUNK = 64 * 2 ** 10;
const NEWLINE = 0x0a;

/** Reads a file that still grows: `rest` gives the lines completed since the last call. */
export class LineReader {
  private partial: Buffer[] = [];

  private constructor(private readonly handle: FileHandle | undefined) {}

  /** A file that is not there has no lines. */
  static async open(path: string): Promise<LineReader> {
    return new LineReader(await open(path, 'r').catch(() => undefined));
  }

  /** Whether this is the file at `path`, under whatever name it was opened. */
  async reads(path: string): Promise<boolean> {
    const [own, other] = await Promise.all([this.handle?.stat(), stat(path).catch(() => undefined)]);
    return own !== undefined && own.ino === other?.ino;
  }

  async *rest(): AsyncGenerator<string> {
    if (this.handle === undefined) return;
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await this.handle.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) return;
      yield* this.split(Buffer.from(buffer.subarray(0, bytesRead)));
    }
  }

  async close(): Promise<void> {
    await this.handle?.close();
  }

  private *split(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...this.partial, chunk.subarray(start, end)]).toString('utf8');
      this.partial = [];
      start = end + 1;
    }
    if (start < chunk.length) this.partial.push(chunk.subarray(start));
  }
}
