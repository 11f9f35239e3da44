/**
 * Tensors as bytes: little-endian, row-major, no padding; BYTES as a u32 length before each element.
 * Source: Triton's binary tensor data extension; gRPC's raw contents are the same.
 */
import { bytesOf, elementBytes, elementsOf, type TypedArray } from '../datatype.js';
import { refuse } from '../refusal.js';
import { elementCount, formatShape } from '../shape.js';
import type { Datatype, Tensor, TensorData } from '../tensor.js';

const LENGTH_BYTES = 4;

/** The elements in `bytes`, which must be exactly those of `shape`. Aligned bytes are not copied. */
export function decodeBinary(
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  place: string,
): TensorData {
  if (datatype === 'BYTES') return decodeByteStrings(shape, bytes, place);
  const count = elementCount(shape);
  const needed = count === undefined ? undefined : count * elementBytes(datatype);
  if (needed !== bytes.byteLength) {
    const wanted = needed === undefined ? 'more than can be sent' : `${needed}`;
    refuse(
      `${datatype} of shape ${formatShape(shape)} needs ${wanted} bytes, not ${bytes.byteLength}`,
      place,
    );
  }
  if (datatype === 'BOOL') checkBooleans(bytes, place);
  return elementsOf(datatype, bytes);
}

function checkBooleans(bytes: Uint8Array, place: string): void {
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] as number) > 1) refuse(`a BOOL is the byte 0 or 1, not ${bytes[i]} (element ${i})`, place);
  }
}

function decodeByteStrings(shape: readonly number[], bytes: Uint8Array, place: string): TensorData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let position = 0;
  while (position < bytes.byteLength) {
    const start = position + LENGTH_BYTES;
    const length = start <= bytes.byteLength ? view.getUint32(position, true) : Infinity;
    if (start + length > bytes.byteLength) refuse(`the element ${elements.length} is cut short`, place);
    elements.push(bytes.subarray(start, start + length));
    position = start + length;
  }
  const count = elementCount(shape);
  if (elements.length !== count) {
    refuse(
      `the shape ${formatShape(shape)} needs ${count ?? 'more'} elements, not ${elements.length}`,
      place,
    );
  }
  return elements;
}

/** How many bytes `encodeBinary` makes. */
export function binaryByteLength(tensor: Tensor): number {
  if (tensor.datatype !== 'BYTES') return (tensor.data as TypedArray).byteLength;
  return byteStrings(tensor).reduce((sum, element) => sum + LENGTH_BYTES + element.byteLength, 0);
}

/** The tensor's bytes: a view of its data, except for BYTES. */
export function encodeBinary(tensor: Tensor): Uint8Array {
  if (tensor.datatype !== 'BYTES') return bytesOf(tensor.data as TypedArray);
  const bytes = new Uint8Array(binaryByteLength(tensor));
  const view = new DataView(bytes.buffer);
  let position = 0;
  for (const element of byteStrings(tensor)) {
    view.setUint32(position, element.byteLength, true);
    bytes.set(element, position + LENGTH_BYTES);
    position += LENGTH_BYTES + element.byteLength;
  }
  return bytes;
}

/** The elements of a BYTES tensor. */
export function byteStrings(tensor: Tensor): readonly Uint8Array[] {
  return tensor.data as readonly Uint8Array[];
}
