import { problem, ProblemError } from '../../base/index.js';
import type { ModelSignature, Tensor } from '../protocol/tensor.js';
import type { Runtime } from './runtime.js';

/** What a fake model is: its signature and a function from all inputs to all outputs, which may throw. */
export interface FakeModel {
  readonly signature: ModelSignature;
  readonly lanes?: number;
  compute(inputs: ReadonlyMap<string, Tensor>): readonly Tensor[] | Promise<readonly Tensor[]>;
}

/** A runtime whose models are functions, by path: for tests of everything above the port. */
export function createFakeRuntime(models: Readonly<Record<string, FakeModel>>): Runtime {
  return {
    async load(modelPath) {
      const model = models[modelPath];
      if (model === undefined)
        throw new ProblemError(problem('ModelUnloadable', modelPath, 'no such fake model'));
      return {
        signature: model.signature,
        lanes: model.lanes ?? 1,
        async run(inputs, outputs) {
          const computed = await model.compute(new Map(inputs.map((input) => [input.name, input])));
          if (outputs.length === 0) return computed;
          return outputs.map((name) => {
            const output = computed.find((candidate) => candidate.name === name);
            if (output === undefined)
              throw new ProblemError(problem('ModelFailed', `outputs.${name}`, 'was not computed'));
            return output;
          });
        },
        async release() {},
      };
    },
  };
}
