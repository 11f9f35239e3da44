/**
 * Large buffers that bodies have left, for the bodies that follow: each new one costs its pages, and what V8 does about memory outside of
 * its heap. A small body is the chunk it came in.
 */
import type { Tensor } from '../protocol/tensor.js';

/** Smaller ones cost little. */
const LARGE_BYTES = 2 ** 18;

/** Kept for nobody yet. */
const MOST_BYTES = 2 ** 24;

export class BodyBuffers {
  /** The latest last: its bytes are the likeliest to be in the processor's caches. */
  readonly #kept: ArrayBuffer[] = [];
  #keptBytes = 0;
  /** What was taken here and may be given back, once. */
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Room for `bytes`, or for up to twice as many; what is in it is left from before. */
  take(bytes: number): Buffer {
    if (bytes < LARGE_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const at = this.#kept.findLastIndex(({ byteLength }) => byteLength >= bytes && byteLength <= bytes * 2);
    const [kept] = at < 0 ? [] : this.#kept.splice(at, 1);
    this.#keptBytes -= kept?.byteLength ?? 0;
    const buffer = kept === undefined ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(kept);
    this.#lent.add(buffer.buffer);
    return buffer;
  }

  /** Of a body out of which these tensors were read: binary ones and strings are still in it, and nothing else is. */
  giveDecoded(body: Uint8Array, tensors: readonly Tensor[]): void {
    if (body.byteLength < LARGE_BYTES) return;
    const isCopied = ({ data }: Tensor) => 'buffer' in data && data.buffer !== body.buffer;
    if (tensors.every(isCopied)) this.give(body);
  }

  /** Of a body that nobody reads any more; what was not taken here, or is given back already, is not kept. */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength < LARGE_BYTES || buffer.byteLength > MOST_BYTES) return;
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer)) return;
    while (this.#keptBytes + buffer.byteLength > MOST_BYTES)
      this.#keptBytes -= this.#kept.shift()?.byteLength ?? 0;
    this.#kept.push(buffer);
    this.#keptBytes += buffer.byteLength;
  }
}
