/**
 * Short ASCII strings that come with every request (keys, tensor names, datatypes) are looked up instead of built: a
 * call into the engine's string decoder costs more than the comparison.
 */
const SLOTS = 512;
const table: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined);

/** The text of `bytes[start..end)`, which must be ASCII and short. */
export function intern(bytes: Uint8Array, start: number, end: number): string {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const known = table[slot];
  if (known !== undefined && equals(known, bytes, start, end)) return known;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  table[slot] = text;
  return text;
}

function equals(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
