/** Runs a model before anybody asks, to learn what the plan needs: how long a row takes and whether rows are independent. */
import { type Clock, messageOf } from '../../base/index.js';
import type { Datatype, ModelSignature, Tensor, TensorData } from '../protocol/tensor.js';
import { binaryByteLength } from '../protocol/v2/binary.js';
import type { LoadedModel } from '../runtime/runtime.js';
import { BatchBuffers, splitRows } from './batchBuffers.js';
import { sampleInputs } from './sampleInputs.js';

export interface BatchTime {
  readonly rows: number;
  /** Of the quickest run, in milliseconds. */
  readonly ms: number;
}

export interface Measurement {
  /** Time of the quickest run of one row, in milliseconds; undefined when the sample inputs were refused. */
  readonly rowMs: number | undefined;
  /** Runs of more rows, from few to many; empty when rows are not independent. */
  readonly batches: readonly BatchTime[];
  /** Why requests are, or are not, run together. */
  readonly batching: string;
}

/** Rows that are compared one by one with their batch. */
const PROOF_ROWS = 5;

/** What is enough of timing, whichever comes first: a slow model is not run for minutes. */
const ENOUGH_MS = 150;

/** Runs of a model that takes microseconds are timed for this long, but so many at most. */
const STEADY_MS = 5;
const MOST_RUNS = 200;

/** Runs of a batch that are timed. */
const BATCH_RUNS = 2;

/** Inputs of the largest batch that is timed: past the processor's caches, rows gain nothing from each other. */
const MOST_BATCH_BYTES = 1 << 24;

/** Rows of the first batch that is timed, and how they grow from one to the next. */
const FIRST_BATCH = 4;
const BATCH_GROWTH = 4;

export interface WarmUpOptions {
  readonly clock: Clock;
  readonly runs: number;
  /** Rows of the largest batch the configuration allows; 1 turns batching off. */
  readonly maxRows: number;
  /** Real inputs, one row each and of one form; empty where there are none. */
  readonly examples: readonly (readonly Tensor[])[];
}

/** Never rejects: a model that refuses invented inputs may serve real ones, one request at a time. */
export async function warmUp(model: LoadedModel, options: WarmUpOptions): Promise<Measurement> {
  const single = options.examples[0] ?? sampleInputs(model.signature, 1, 1);
  try {
    // The first run allocates; it is not what a request will pay.
    await model.run(single, []);
    const rowMs = await quickestMs(() => model.run(single, []), options.clock, options.runs);
    const refusal = options.maxRows > 1 ? await whyNotBatched(model, options.examples) : 'turned off';
    if (refusal !== undefined) return { rowMs, batches: [], batching: refusal };
    const batches = await timeBatches(model, options);
    return { rowMs, batches, batching: 'rows proved independent' };
  } catch (error) {
    const batching = `the model refused the sample inputs: ${messageOf(error)}`;
    return { rowMs: undefined, batches: [], batching };
  }
}

/** What one row takes where the model is now, in milliseconds; undefined when the sample inputs are refused. */
export async function rowTime(model: LoadedModel, clock: Clock): Promise<number | undefined> {
  const single = sampleInputs(model.signature, 1, 1);
  return quickestMs(() => model.run(single, []), clock, 1).catch(() => undefined);
}

/** Batches of more and more rows; of a slow model, and of one with large rows, the large ones are left out. */
async function timeBatches(model: LoadedModel, { clock, maxRows }: WarmUpOptions): Promise<BatchTime[]> {
  const batches: BatchTime[] = [];
  const rowBytes = sampleInputs(model.signature, 1, 1).reduce((sum, row) => sum + binaryByteLength(row), 0);
  const affordable = Math.min(maxRows, Math.floor(MOST_BATCH_BYTES / rowBytes));
  for (
    let rows = Math.min(FIRST_BATCH, maxRows);
    rows <= affordable;
    rows = Math.min(rows * BATCH_GROWTH, maxRows)
  ) {
    const inputs = sampleInputs(model.signature, rows, 2);
    const ms = await quickestMs(() => model.run(inputs, []), clock, BATCH_RUNS);
    batches.push({ rows, ms });
    if (rows === maxRows || ms > ENOUGH_MS / BATCH_GROWTH) break;
  }
  return batches;
}

/**
 * The quickest of `runs` runs, or of more while they take next to nothing: on a busy machine any run may be interrupted
 * for longer than it takes, and a plan made from such a one would hold for the life of the process.
 */
async function quickestMs(run: () => Promise<unknown>, clock: Clock, runs: number): Promise<number> {
  const begun = clock.monotonic();
  let quickest = Infinity;
  for (let done = 1; done <= MOST_RUNS; done++) {
    const startedAt = clock.monotonic();
    await run();
    const now = clock.monotonic();
    quickest = Math.min(quickest, now - startedAt);
    const spent = now - begun;
    if (spent >= ENOUGH_MS || (done >= runs && spent >= STEADY_MS)) break;
  }
  return quickest;
}

/** Undefined when rows are independent of each other, invented ones and real ones. */
async function whyNotBatched(
  model: LoadedModel,
  examples: readonly (readonly Tensor[])[],
): Promise<string | undefined> {
  const fixed = fixedFirstDimension(model.signature);
  if (fixed !== undefined) return `the first dimension of ${fixed} is fixed`;
  const invented = Array.from({ length: PROOF_ROWS }, (_, row) =>
    sampleInputs(model.signature, 1, 100 + row),
  );
  const refusal = await whyNotIndependent(model, invented);
  return refusal !== undefined || examples.length < 2 ? refusal : whyNotIndependent(model, examples);
}

/** Undefined when a batch gives each row what the row gives alone, in any position; else the reason why not. */
async function whyNotIndependent(
  model: LoadedModel,
  singles: readonly (readonly Tensor[])[],
): Promise<string | undefined> {
  const rows = singles.length;
  try {
    const alone: (readonly Tensor[])[] = [];
    for (const inputs of singles) alone.push(await model.run(inputs, []));
    for (const order of [singles.map((_, row) => row), singles.map((_, row) => rows - 1 - row)]) {
      const batch = new BatchBuffers().join(
        order.map((row) => singles[row] ?? []),
        rows,
      );
      const outputs = await model.run(batch, []);
      for (const [position, row] of order.entries()) {
        const mine = splitRows(outputs, rows, position, 1);
        if (!sameWithinRounding(mine, alone[row] ?? []))
          return 'a row of a batch differs from the same row alone';
      }
    }
    return undefined;
  } catch (error) {
    return `a batch failed: ${messageOf(error)}`;
  }
}

function fixedFirstDimension(signature: ModelSignature): string | undefined {
  return [...signature.inputs, ...signature.outputs].find((tensor) => tensor.shape[0] !== -1)?.name;
}

function sameWithinRounding(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return (
    a.length === b.length &&
    a.every((tensor, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        tensor.shape.join() === other.shape.join() &&
        tensor.datatype === other.datatype &&
        sameData(tensor, other)
      );
    })
  );
}

/** Kernels add in another order when there are more rows: a few units in the last place are rounding, more is not. */
const TOLERANCE: Readonly<Partial<Record<Datatype, number>>> = { FP32: 1e-4, FP64: 1e-10 };

function sameData(a: Tensor, b: Tensor): boolean {
  if (a.data.length !== b.data.length) return false;
  const tolerance = TOLERANCE[a.datatype];
  for (let i = 0; i < a.data.length; i++) {
    const same =
      tolerance === undefined
        ? sameElement(a.data, b.data, i)
        : near(Number(a.data[i]), Number(b.data[i]), tolerance);
    if (!same) return false;
  }
  return true;
}

function near(x: number, y: number, tolerance: number): boolean {
  return Object.is(x, y) || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
}

function sameElement(a: TensorData, b: TensorData, i: number): boolean {
  const [x, y] = [a[i], b[i]];
  return x instanceof Uint8Array && y instanceof Uint8Array ? Buffer.compare(x, y) === 0 : x === y;
}
