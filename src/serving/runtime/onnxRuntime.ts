/**
 * The adapter over onnxruntime-node, and its only importer. It talks to the package's binding rather than to its
 * InferenceSession: that one puts a setImmediate and two promises before every run, a third of a small model's run time.
 */
import type * as binding from 'onnxruntime-node/dist/binding.js';
import { messageOf, problem, ProblemError } from '../../base/index.js';
import type { ModelSignature, Tensor, TensorSignature } from '../protocol/tensor.js';
import { datatypeOfElement, fromOnnx, type OnnxValue, toOnnx } from './onnxTensor.js';
import type { LoadedModel, Runtime } from './runtime.js';

type Native = (typeof binding)['binding'];
type Session = InstanceType<Native['InferenceSession']>;
type ValueMetadata = Session['inputMetadata'][number];

/** onnxruntime's words for what is not the input's fault. */
const NOT_THE_INPUTS = /bad_alloc|failed to allocate|out of memory/i;

/** Errors are answers to one client, not lines on the server's standard error. */
const QUIET = { logSeverityLevel: 4 } as const;

async function loadNative(): Promise<Native> {
  const module = await import('onnxruntime-node/dist/binding.js');
  module.initOrt();
  return module.binding;
}

/** Loads the native library when the first model is loaded, so that nothing else pays for it. */
export function createOnnxRuntime(): Runtime {
  let native: Promise<Native> | undefined;
  return {
    async load(modelPath, options) {
      native ??= loadNative();
      const session = new (await native).InferenceSession();
      const startedAt = performance.now();
      try {
        session.loadModel(modelPath, {
          intraOpNumThreads: options.threads,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          executionProviders: ['cpu'],
          logSeverityLevel: 4,
        });
        return new OnnxModel(session, performance.now() - startedAt);
      } catch (error) {
        throw new ProblemError(
          problem(
            'ModelUnloadable',
            modelPath,
            firstLine(messageOf(error)),
            'check that the file is a complete ONNX model',
          ),
          { cause: error },
        );
      }
    },
  };
}

class OnnxModel implements LoadedModel {
  readonly signature: ModelSignature;
  readonly lanes = 1;
  readonly loadMs: number;
  readonly #session: Session;
  readonly #everyOutput: readonly string[];

  constructor(session: Session, loadMs: number) {
    this.#session = session;
    this.loadMs = loadMs;
    this.signature = {
      inputs: session.inputMetadata.map(toSignature),
      outputs: session.outputMetadata.map(toSignature),
    };
    this.#everyOutput = this.signature.outputs.map((output) => output.name);
  }

  async run(inputs: readonly Tensor[], outputs: readonly string[]): Promise<readonly Tensor[]> {
    const feeds: Record<string, OnnxValue> = {};
    for (const input of inputs) feeds[input.name] = toOnnx(input);
    const wanted = outputs.length === 0 ? this.#everyOutput : outputs;
    const fetches: Record<string, null> = {};
    for (const name of wanted) fetches[name] = null;
    const answers = this.#invoke(feeds, fetches);
    return wanted.map((name) => {
      const value = answers[name];
      if (value === undefined)
        throw new ProblemError(problem('ModelFailed', `outputs.${name}`, 'was not computed'));
      return fromOnnx(name, value);
    });
  }

  async release(): Promise<void> {
    this.#session.dispose();
  }

  #invoke(
    feeds: Record<string, OnnxValue>,
    fetches: Record<string, null>,
  ): Record<string, OnnxValue | undefined> {
    try {
      // The addon reads type, data and dims alone; its declared parameter is the whole class of onnxruntime-common.
      return this.#session.run(feeds as Parameters<Session['run']>[0], fetches, QUIET);
    } catch (error) {
      const message = firstLine(messageOf(error));
      const code = NOT_THE_INPUTS.test(message) ? 'ModelFailed' : 'InvalidArgument';
      throw new ProblemError(problem(code, '', `the model refused the request: ${message}`), {
        cause: error,
      });
    }
  }
}

function toSignature(value: ValueMetadata): TensorSignature {
  const datatype = value.isTensor ? datatypeOfElement(value.type) : undefined;
  if (datatype === undefined) {
    const what = value.isTensor ? `has element type ${value.type}` : 'is not a tensor';
    throw new Error(`"${value.name}" ${what}, which cannot be served`);
  }
  return {
    name: value.name,
    datatype,
    shape: value.shape.map((dimension) => (dimension < 0 ? -1 : dimension)),
  };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
