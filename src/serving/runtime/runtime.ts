import type { ModelSignature, Tensor } from '../protocol/tensor.js';

/** What runs models. The adapter over onnxruntime-node is the only importer of it; tests have a fake. */
export interface Runtime {
  /** Rejects with a ProblemError naming the file when the bytes are no model this runtime can load. */
  load(modelPath: string, options: { readonly threads: number }): Promise<LoadedModel>;
}

export interface LoadedModel {
  readonly signature: ModelSignature;
  /**
   * Runs one batch. Inputs are in any order and complete; answers have every output in `outputs`, or all where it is
   * empty. With onnxruntime-node this blocks the calling thread for the model's run time.
   */
  run(inputs: readonly Tensor[], outputs: readonly string[]): Promise<readonly Tensor[]>;
  release(): Promise<void>;
}
