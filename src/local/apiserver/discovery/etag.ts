import { createHash } from 'node:crypto';

/** The ETag of a document, quoted as the header wants it. */
export function etagOf(document: string): string {
  return `"${hashOf(document)}"`;
}

export function hashOf(document: string): string {
  return createHash('sha512').update(document).digest('hex').toUpperCase().slice(0, 128);
}
