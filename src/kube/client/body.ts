import type { ApiResponse } from '../transport.js';

/** Reads a whole body as UTF-8. Rejects when it is longer than `maxBytes`, or when the connection breaks. */
export async function readBody(body: ApiResponse['body'], maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
