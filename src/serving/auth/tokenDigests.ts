/** Tokens as their SHA-256, and the search for one among them that takes the same time whichever it is. */
import { hash } from 'node:crypto';

/** 32-bit words of a SHA-256. */
export const DIGEST_WORDS = 8;

/** Where a token that is looked for is hashed to: an array for each request would cost more than its hash. */
const sought = new Int32Array(DIGEST_WORDS);
const soughtBytes = Buffer.from(sought.buffer);

function hashToSought(token: string): void {
  // As Latin-1, each byte a character, and not as a Buffer: node makes a short string in a third of the time.
  soughtBytes.write(hash('sha256', token, 'binary'), 'latin1');
}

/** The SHA-256 of a token, as the machine's words. */
export function digestOfToken(token: string): Int32Array {
  hashToSought(token);
  return sought.slice();
}

/** `hex`: the 64 digits of a SHA-256. */
export function digestOfHex(hex: string): Int32Array {
  const words = new Int32Array(DIGEST_WORDS);
  Buffer.from(words.buffer).write(hex, 'hex');
  return words;
}

/** The index of the token's digest in `table`; -1 when it is not there. See findDigest. */
export function findToken(table: Int32Array, token: string): number {
  hashToSought(token);
  return findDigest(table, sought);
}

/**
 * The index of the digest equal to `candidate`; -1 without one. Reads every word of every digest, whatever is found
 * where, so that the time tells nothing of them.
 *
 * @param table digests one after another, DIGEST_WORDS words each
 */
export function findDigest(table: ArrayLike<number>, candidate: ArrayLike<number>): number {
  let found = -1;
  for (let start = 0; start < table.length; start += DIGEST_WORDS) {
    let difference = 0;
    for (let word = 0; word < DIGEST_WORDS; word++) {
      difference |= (table[start + word] as number) ^ (candidate[word] as number);
    }
    // All ones when the digests are equal, else zero: no branch depends on what is compared.
    const equal = ((difference | -difference) >>> 31) - 1;
    found = (start & equal) | (found & ~equal);
  }
  return found === -1 ? -1 : found / DIGEST_WORDS;
}
