/**
 * Opportunistic batching: what waits is run together, nothing waits for company. Requests that arrive in one turn of
 * the event loop are run when the turn's input has been read; while a lane runs, what comes queues for the next batch.
 */
import { type Clock, fail, messageOf, ok, ProblemError, type Timer } from '../../base/index.js';
import type { InferenceError, InferenceRequest } from '../protocol/inference.js';
import { requestPriority } from '../protocol/priority.js';
import type { Tensor } from '../protocol/tensor.js';
import type { LoadedModel } from '../runtime/runtime.js';
import { BatchBuffers, hasOneRowForm, rowForm, rowsOf, splitRows } from './batchBuffers.js';
import type { GradientLimit } from './gradientLimit.js';
import { Lanes } from './lanes.js';
import type { Predict, PredictContext, PredictionResult, StageObserver } from './predict.js';
import { ServiceRate } from './serviceRate.js';
import type { ModelStatistics } from './statistics.js';
import { WaitingLine } from './waitingLine.js';

export interface BatcherOptions {
  readonly model: LoadedModel;
  /** Rows of one batch at most; 1 when the model must not be batched. A request with more rows runs alone. */
  readonly maxRows: number;
  /** Requests waiting at most; the rest get QueueFull. */
  readonly maxQueue: number;
  /** How many may wait and run together, where latency decides that; else the queue's length alone does. */
  readonly limit?: GradientLimit;
  readonly clock: Clock;
  readonly statistics: ModelStatistics;
  /** Runs a function after the input at hand has been read: setImmediate. */
  readonly defer: (callback: () => void) => void;
}

interface Job {
  readonly inputs: readonly Tensor[];
  /** Empty for all. */
  readonly wanted: readonly string[];
  /** Undefined: runs alone. */
  readonly rows: number | undefined;
  readonly form: string;
  /** 1 goes first. */
  readonly priority: number;
  readonly deadline: number;
  readonly enqueuedAt: number;
  readonly stages: StageObserver | undefined;
  settled: boolean;
  settle(result: PredictionResult): void;
}

/** One call of the model. */
interface Run {
  readonly inputs: readonly Tensor[];
  /** Empty for all. */
  readonly outputs: readonly string[];
  readonly rows: number;
}

const EXPIRED: InferenceError = {
  code: 'DeadlineExceeded',
  message: 'the deadline passed before the model had run',
};

const CANCELLED: InferenceError = { code: 'Cancelled', message: 'the caller cancelled the request' };

export class Batcher {
  readonly #options: BatcherOptions;
  readonly #buffers = new BatchBuffers();
  readonly #oneForm: boolean;
  readonly #waiting = new WaitingLine<Job>();
  readonly #rate: ServiceRate;
  readonly #lanes: Lanes<Job>;
  #flushDue = false;
  #expiry: Timer | undefined;
  /** When it is due; never while there is none. */
  #expiryAt = Infinity;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.model.lanes);
    this.#oneForm = hasOneRowForm(options.model.signature);
    this.#rate = new ServiceRate(options.model.lanes);
    options.statistics.concurrencyLimit = options.limit?.current ?? 0;
  }

  readonly predict: Predict = (request, context) => {
    const priority = requestPriority(request.parameters);
    if (!priority.ok) return Promise.resolve(priority);
    if (this.#isFull() && !this.#shedFor(priority.value)) return Promise.resolve(fail(this.#full()));
    return new Promise((resolve) => {
      const job = this.#job(request, context, { priority: priority.value, resolve });
      this.#waiting.add(job);
      context.signal?.addEventListener('abort', () => this.#abandon(job), { once: true });
      this.#options.statistics.queueLength = this.#waiting.length;
      this.#schedule(job.deadline);
    });
  };

  /** Resolves when nothing waits and nothing runs. */
  drained(): Promise<void> {
    if (this.#waiting.length === 0 && this.#lanes.busy === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #isFull(): boolean {
    const { limit, maxQueue } = this.#options;
    const waiting = this.#waiting.length;
    return waiting >= maxQueue || (limit !== undefined && waiting + this.#lanes.running >= limit.current);
  }

  /** Sends away whoever is least urgent, if less than `priority`. False when nobody is. */
  #shedFor(priority: number): boolean {
    const shed = this.#waiting.giveUpFor(priority);
    shed?.settle(fail(this.#full()));
    return shed !== undefined;
  }

  #job(
    request: InferenceRequest,
    context: PredictContext,
    { priority, resolve }: { priority: number; resolve: (result: PredictionResult) => void },
  ): Job {
    const batchable = this.#options.maxRows > 1;
    return {
      inputs: request.inputs,
      wanted: request.outputs.map((output) => output.name),
      rows: batchable ? rowsOf(request.inputs) : undefined,
      form: this.#oneForm || !batchable ? '' : rowForm(request.inputs),
      priority,
      deadline: context.deadline,
      enqueuedAt: this.#options.clock.monotonic(),
      stages: context.stages,
      settled: false,
      settle(result) {
        if (this.settled) return;
        this.settled = true;
        resolve(result);
      },
    };
  }

  /** Nobody wants the answer: a job that waits leaves the line, and one that runs is finished for nobody. */
  #abandon(job: Job): void {
    if (job.settled) return;
    job.settle(fail(CANCELLED));
    this.#waiting.keep((other) => other !== job);
    this.#options.statistics.queueLength = this.#waiting.length;
  }

  /** `deadline`: of who came just now; of all others it is watched already. */
  #schedule(deadline = Infinity): void {
    if (this.#lanes.allBusy) {
      this.#watch(deadline);
      return;
    }
    if (this.#flushDue) return;
    this.#flushDue = true;
    this.#options.defer(() => {
      this.#flushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#lanes.allBusy) {
      const batch = this.#takeBatch();
      if (batch.length === 0) break;
      void this.#runLane(batch);
    }
    this.#options.statistics.queueLength = this.#waiting.length;
    if (this.#waiting.length > 0 || (this.#lanes.running > 0 && this.#options.model.lanes > 1))
      this.#watchDeadlines();
  }

  /** The first in the line and those behind it that share its batch until it is full; expired ones are answered on the way. */
  #takeBatch(): Job[] {
    const now = this.#options.clock.monotonic();
    const batch: Job[] = [];
    let rows = 0;
    this.#waiting.visit((job) => {
      const [first] = batch;
      if (first !== undefined && (first.rows === undefined || rows >= this.#options.maxRows)) return 'stop';
      if (job.deadline <= now) job.settle(fail(EXPIRED));
      else if (first === undefined || this.#fits(job, first, rows)) {
        batch.push(job);
        rows += job.rows ?? 0;
        this.#options.statistics.queued.observe((now - job.enqueuedAt) / 1000);
        job.stages?.queued(job.enqueuedAt, now);
      } else return 'stays';
      return 'leaves';
    });
    return batch;
  }

  #fits(job: Job, first: Job, rows: number): boolean {
    return (
      first.rows !== undefined &&
      job.rows !== undefined &&
      job.form === first.form &&
      rows + job.rows <= this.#options.maxRows
    );
  }

  async #runLane(batch: readonly Job[]): Promise<void> {
    const lane = this.#lanes.begin(batch);
    const startedAt = this.#options.clock.monotonic();
    await this.#runBatch(batch);
    this.#learn(batch, startedAt);
    this.#lanes.end(lane);
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#lanes.busy === 0) this.#rest();
  }

  #learn(batch: readonly Job[], startedAt: number): void {
    const { clock, limit, statistics } = this.#options;
    const now = clock.monotonic();
    const runMs = now - startedAt;
    this.#rate.observe(batch.length, runMs);
    if (limit === undefined) return;
    // Of a batch, the request that waited longest tells of the load.
    const latencyMs = now - Math.min(...batch.map((job) => job.enqueuedAt));
    const inFlight = this.#waiting.length + this.#lanes.running;
    limit.observe({ latencyMs, aloneMs: batch.length === 1 ? runMs : undefined, inFlight });
    statistics.concurrencyLimit = limit.current;
  }

  #rest(): void {
    this.#stopWatching();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #runBatch(batch: readonly Job[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    if (batch.length === 1) {
      await this.#runAlone(first, true);
      return;
    }
    try {
      const rows = batch.reduce((sum, job) => sum + (job.rows ?? 0), 0);
      const inputs = this.#buffers.join(
        batch.map((job) => job.inputs),
        rows,
      );
      const outputs = await this.#timedRun(batch, { inputs, outputs: sharedOutputs(batch), rows });
      const now = this.#options.clock.monotonic();
      let start = 0;
      for (const job of batch) {
        answer(job, now, splitRows(outputs, rows, start, job.rows ?? 0));
        start += job.rows ?? 0;
      }
    } catch {
      // One request's input must not fail its neighbours': each alone finds out whose it was.
      for (const job of batch) await this.#runAlone(job, true);
    }
  }

  async #runAlone(job: Job, mayRetry: boolean): Promise<void> {
    try {
      const { inputs, wanted: outputs, rows = 1 } = job;
      const computed = await this.#timedRun([job], { inputs, outputs, rows });
      answer(job, this.#options.clock.monotonic(), computed);
    } catch (error) {
      if (mayRetry && error instanceof ProblemError && error.problem.code === 'WorkerDied') {
        await this.#runAlone(job, false);
      } else job.settle(fail(asInferenceError(error)));
    }
  }

  async #timedRun(batch: readonly Job[], { inputs, outputs, rows }: Run): Promise<readonly Tensor[]> {
    const { clock, model, statistics } = this.#options;
    const startedAt = clock.monotonic();
    let failed = true;
    try {
      const answers = await model.run(inputs, outputs);
      failed = false;
      return answers;
    } finally {
      const endedAt = clock.monotonic();
      for (const { stages } of batch) stages?.ran(startedAt, endedAt, { rows, failed });
      if (!failed) {
        statistics.run.observe((endedAt - startedAt) / 1000);
        statistics.batchRows.observe(rows);
        statistics.rows += rows;
      }
    }
  }

  /** Answers whoever's deadline passes while it waits or runs, so that a hung run is not a hung client. */
  #watchDeadlines(): void {
    let earliest = Infinity;
    for (const job of this.#waiting) earliest = Math.min(earliest, job.deadline);
    this.#lanes.forEach((job) => {
      if (!job.settled) earliest = Math.min(earliest, job.deadline);
    });
    this.#watch(earliest);
  }

  #watch(deadline: number): void {
    if (deadline >= this.#expiryAt) return;
    this.#stopWatching();
    const { clock } = this.#options;
    this.#expiryAt = deadline;
    this.#expiry = clock.schedule(Math.max(1, Math.ceil(deadline - clock.monotonic())), () => {
      this.#stopWatching();
      this.#expire();
      this.#watchDeadlines();
    });
  }

  #stopWatching(): void {
    this.#expiry?.cancel();
    this.#expiry = undefined;
    this.#expiryAt = Infinity;
  }

  #expire(): void {
    const now = this.#options.clock.monotonic();
    this.#lanes.forEach((job) => {
      if (job.deadline <= now) job.settle(fail(EXPIRED));
    });
    this.#waiting.keep((job) => {
      if (job.deadline > now) return true;
      job.settle(fail(EXPIRED));
      return false;
    });
    this.#options.statistics.queueLength = this.#waiting.length;
  }

  #full(): InferenceError {
    const ahead = this.#waiting.length + this.#lanes.running;
    return {
      code: 'QueueFull',
      message: `${this.#waiting.length} requests wait for this model already`,
      retryAfterSeconds: this.#rate.secondsFor(ahead),
    };
  }
}

/** The outputs to compute for everybody: what all ask for, or everything as soon as they differ. */
function sharedOutputs(batch: readonly Job[]): readonly string[] {
  const wanted = batch[0]?.wanted ?? [];
  const key = wanted.join('\0');
  return batch.every((job) => job.wanted.join('\0') === key) ? wanted : [];
}

/** A run on the event loop outlasts deadlines that no timer could tell meanwhile. */
function answer(job: Job, now: number, outputs: readonly Tensor[]): void {
  if (job.deadline < now) {
    job.settle(fail(EXPIRED));
    return;
  }
  const chosen =
    job.wanted.length === 0 ? outputs : job.wanted.flatMap((name) => outputs.filter((o) => o.name === name));
  job.settle(ok({ outputs: chosen, cache: { kind: 'bypass' } }));
}

function asInferenceError(error: unknown): InferenceError {
  if (error instanceof ProblemError) {
    const { code, place, message } = error.problem;
    const known = code === 'InvalidArgument' ? 'InvalidArgument' : 'ModelFailed';
    return place === '' ? { code: known, message } : { code: known, message, place };
  }
  return { code: 'ModelFailed', message: messageOf(error) };
}
