import { digestOfBytes } from '../../base/index.js';

/** JSON with sorted keys and without undefined fields: equal values give equal text. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, sortKeys, indent);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** 128 bits of the SHA-256 of the value, in hexadecimal. */
export function hashOf(value: unknown): string {
  return digestOfBytes(canonicalJson(value)).slice('sha256:'.length, 'sha256:'.length + 32);
}
