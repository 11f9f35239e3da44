/**
 * An entry as bytes in Redis: magic "GC1" and a zero, CRC-32 of the rest, the times it was stored and expires
 * (float64 each), the value; numbers are little-endian. What another program wrote under our key, or half of what we wrote, is a miss.
 */
import { crc32 } from 'node:zlib';
import type { CacheEntry } from './cache.js';

const MAGIC = 0x00314347;
const HEAD = 24;

export function encodeEntry(entry: CacheEntry): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD + entry.value.byteLength);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeDoubleLE(entry.storedAt, 8);
  bytes.writeDoubleLE(entry.expiresAt, 16);
  bytes.set(entry.value, HEAD);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** Undefined when the bytes are not an entry. */
export function decodeEntry(bytes: Buffer): CacheEntry | undefined {
  if (bytes.length < HEAD || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  if (bytes.readUInt32LE(4) !== crc32(bytes.subarray(8))) return undefined;
  return { storedAt: bytes.readDoubleLE(8), expiresAt: bytes.readDoubleLE(16), value: bytes.subarray(HEAD) };
}
