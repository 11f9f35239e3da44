import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** `sha256:` and 64 lower-case hexadecimal digits, as OCI image digests are written. */
export type Digest = `sha256:${string}`;

export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

export function digestOfBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Streams the file, so that a model of any size needs no memory. Rejects as `fs` does when it cannot be read. */
export async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}
