const NEWLINE = 0x0a;

export interface LinesOptions {
  /** A longer line is an error: an endless one must not fill the memory. Bytes. */
  readonly maxBytes: number;
}

/**
 * The lines of a byte stream, without their ends. Bytes are decoded line by line, so a chunk may end anywhere, in the
 * middle of a character too. Empty lines are left out; what follows the last newline is a line.
 */
export async function* lines(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes }: LinesOptions,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let held = 0;
  const take = (tail: Uint8Array): string => {
    const bytes = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
    parts = [];
    held = 0;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').trim();
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = take(chunk.subarray(start, end));
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      held += chunk.length - start;
      if (held > maxBytes) throw new Error(`a line of the stream is longer than ${maxBytes} bytes`);
    }
  }
  const rest = take(new Uint8Array(0));
  if (rest !== '') yield rest;
}
