import type { ModelSignature, Tensor } from '../protocol/tensor.js';

/** What runs models. The adapter over onnxruntime-node is the only importer of it; tests have a fake. */
export interface Runtime {
  /** Rejects with a ProblemError (`ModelUnloadable`) naming the file when it holds no model this runtime can load. */
  load(modelPath: string, options: LoadOptions): Promise<LoadedModel>;
}

export interface LoadOptions {
  /** Threads one run may use inside the model (onnxruntime's intra-op threads). */
  readonly threads: number;
}

export interface LoadedModel {
  readonly signature: ModelSignature;
  /** How many runs make progress at the same time: 1 on the calling thread, the number of threads in a pool. */
  readonly lanes: number;
  /** How long the thread that loaded it stood still for that, in milliseconds; undefined where nobody measured it. */
  readonly loadMs?: number | undefined;
  /**
   * Runs one batch. Inputs are in any order and complete; answers have every output in `outputs`, in that order, or
   * all where it is empty. With onnxruntime-node this blocks the calling thread for the model's run time. The inputs'
   * memory may be used again as soon as `run` has returned, though its promise is still pending.
   *
   * Rejects with a ProblemError: `InvalidArgument` when the model refused these inputs, `ModelFailed` when it broke,
   * `WorkerDied` when the thread that ran it is gone (the same inputs may be tried again).
   */
  run(inputs: readonly Tensor[], outputs: readonly string[]): Promise<readonly Tensor[]>;
  release(): Promise<void>;
}
