/** What the pool and its worker threads say to each other. */
import type { Problem } from '../../base/index.js';
import type { ModelSignature, Tensor } from '../protocol/tensor.js';

/** The first thing a worker is told, as its workerData: a model to run, or a file to read once. */
export type WorkerTask = ModelTask | DigestTask;

export interface ModelTask {
  readonly modelPath: string;
  readonly threads: number;
}

export interface DigestTask {
  readonly digestOf: string;
}

export interface RunMessage {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly string[];
}

export type WorkerMessage =
  | { readonly kind: 'loaded'; readonly signature: ModelSignature; readonly loadMs: number | undefined }
  | { readonly kind: 'unloadable'; readonly problem: Problem }
  | { readonly kind: 'done'; readonly outputs: readonly Tensor[] }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** What a worker says that has read a file. */
export type DigestMessage = { readonly digest: string } | { readonly unreadable: string };

/** Memory that can change its owner instead of being copied. */
export function transferables(tensors: readonly Tensor[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    const whole = 'buffer' in data && data.byteLength === data.buffer.byteLength;
    if (whole && data.buffer instanceof ArrayBuffer) buffers.add(data.buffer);
  }
  return [...buffers];
}

/** The tensor in memory of its own, which can be given away while the original stays. */
export function ownCopy(tensor: Tensor): Tensor {
  const data = 'buffer' in tensor.data ? copyOf(tensor.data) : tensor.data.map(copyOf);
  return { ...tensor, data };
}

/** Buffer overrides `slice` with one that does not copy. */
function copyOf<T extends Exclude<Tensor['data'], readonly Uint8Array[]>>(elements: T): T {
  return (elements instanceof Uint8Array ? Uint8Array.prototype.slice.call(elements) : elements.slice()) as T;
}
