/** Golden examples: what a version answered when it was trained, replayed before it may serve. Pure. */
import { fail, ok, problem, type Result } from '../base/index.js';
import type { GoldenTensor, ModelMetadata } from './metadata.js';

/** Runs one example; rejects as the runtime does. */
export type RunExample = (inputs: readonly GoldenTensor[]) => Promise<readonly GoldenTensor[]>;

type Scalar = number | string | boolean;

function agrees(
  actual: Scalar | undefined,
  expected: Scalar,
  tolerance: ModelMetadata['golden']['tolerance'],
): boolean {
  if (typeof actual !== 'number' || typeof expected !== 'number') return actual === expected;
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  return Math.abs(actual - expected) <= tolerance.absolute + tolerance.relative * Math.abs(expected);
}

function difference(
  actual: readonly GoldenTensor[],
  expected: readonly GoldenTensor[],
  tolerance: ModelMetadata['golden']['tolerance'],
): string | undefined {
  for (const want of expected) {
    const got = actual.find((tensor) => tensor.name === want.name);
    if (got === undefined) return `output ${want.name} is missing`;
    if (got.shape.join() !== want.shape.join()) {
      return `output ${want.name} has shape [${got.shape.join(', ')}], expected [${want.shape.join(', ')}]`;
    }
    const index = want.data.findIndex((value, i) => !agrees(got.data[i], value, tolerance));
    if (index >= 0)
      return `output ${want.name}[${index}] is ${got.data[index]}, expected ${want.data[index]}`;
  }
  return undefined;
}

/** Replays every example; ok with their number, or a Problem naming the first output that differs. */
export async function replayGolden(metadata: ModelMetadata, run: RunExample): Promise<Result<number>> {
  const { examples, tolerance } = metadata.golden;
  for (const [index, example] of examples.entries()) {
    const found = difference(await run(example.inputs), example.outputs, tolerance);
    if (found !== undefined) {
      return fail(
        problem(
          'GoldenMismatch',
          `${metadata.name}/${metadata.version}: golden.examples[${index}]`,
          found,
          'the model does not answer as it did when it was trained: train and export it again',
        ),
      );
    }
  }
  return ok(examples.length);
}
