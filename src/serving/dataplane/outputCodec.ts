/**
 * A model's outputs as the bytes a cache keeps: the length of a JSON head (u32, little-endian), the head (name,
 * datatype, shape and bytes of each output), then the outputs' elements, each starting at a multiple of eight so that
 * they can be used in place.
 */
import { decodeBinary, encodeBinary } from '../protocol/v2/binary.js';
import { isDatatype } from '../protocol/datatype.js';
import type { Tensor } from '../protocol/tensor.js';

const ALIGNMENT = 8;

const aligned = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

export function encodeOutputs(outputs: readonly Tensor[]): Uint8Array {
  const blobs = outputs.map(encodeBinary);
  const head = Buffer.from(
    JSON.stringify(outputs.map((o, i) => [o.name, o.datatype, o.shape, blobs[i]?.byteLength ?? 0])),
  );
  const start = aligned(4 + head.length);
  const bytes = new Uint8Array(blobs.reduce((size, blob) => aligned(size) + blob.byteLength, start));
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  let offset = start;
  for (const blob of blobs) {
    bytes.set(blob, offset);
    offset = aligned(offset + blob.byteLength);
  }
  return bytes;
}

/** Undefined when the bytes are not outputs: a shared cache may hold anything. Views of `bytes` where that can be. */
export function decodeOutputs(bytes: Uint8Array): readonly Tensor[] | undefined {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headLength = buffer.readUInt32LE(0);
    const head: unknown = JSON.parse(buffer.toString('utf8', 4, 4 + headLength));
    if (!Array.isArray(head)) return undefined;
    let offset = aligned(4 + headLength);
    return head.map((entry: unknown) => {
      const { name, datatype, shape, length } = readEntry(entry);
      const data = decodeBinary(datatype, shape, bytes.subarray(offset, offset + length), name);
      offset = aligned(offset + length);
      return { name, datatype, shape, data };
    });
  } catch {
    return undefined;
  }
}

function readEntry(
  entry: unknown,
): Pick<Tensor, 'name' | 'datatype' | 'shape'> & { readonly length: number } {
  if (!Array.isArray(entry)) throw new Error('no entry');
  const [name, datatype, shape, length] = entry as unknown[];
  if (typeof name !== 'string' || typeof datatype !== 'string' || !isDatatype(datatype))
    throw new Error('no tensor');
  if (!Array.isArray(shape) || !shape.every(isCount) || !isCount(length)) throw new Error('no shape');
  return { name, datatype, shape, length };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
