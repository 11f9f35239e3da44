/** Runs a model on worker threads, each with its own copy, so that the event loop stays free while they compute. */
import { Worker } from 'node:worker_threads';
import { type Clock, type Logger, problem, ProblemError, type Timer } from '../../base/index.js';
import type { ModelSignature, Tensor } from '../protocol/tensor.js';
import type { LoadedModel, LoadOptions, Runtime } from './runtime.js';
import {
  type ModelTask,
  ownCopy,
  type RunMessage,
  transferables,
  type WorkerMessage,
} from './workerMessages.js';

export interface PoolOptions {
  /** Worker threads of each model. */
  readonly threads: number;
  /** The built JavaScript of worker.ts. */
  readonly workerFile: URL;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A worker that died is replaced after this long, doubled for each death in a row. */
const REPLACE_AFTER_MS = 50;
const LONGEST_WAIT_MS = 10_000;

export function createPoolRuntime(options: PoolOptions): Runtime {
  return {
    async load(modelPath, load: LoadOptions) {
      const pool = new PoolModel({ modelPath, threads: load.threads }, options);
      await pool.start();
      return pool;
    },
  };
}

interface Run {
  readonly message: RunMessage;
  resolve(outputs: readonly Tensor[]): void;
  reject(error: ProblemError): void;
}

/** One thread. `run` is what it computes now. */
interface Thread {
  readonly worker: Worker;
  run: Run | undefined;
}

class PoolModel implements LoadedModel {
  readonly lanes: number;
  #signature: ModelSignature = { inputs: [], outputs: [] };
  #loadMs: number | undefined;
  readonly #task: ModelTask;
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #idle: Thread[] = [];
  readonly #waiting: Run[] = [];
  readonly #replacements = new Set<Timer>();
  #deathsInARow = 0;
  #released = false;

  constructor(task: ModelTask, options: PoolOptions) {
    this.#task = task;
    this.#options = options;
    this.lanes = options.threads;
  }

  get signature(): ModelSignature {
    return this.#signature;
  }

  /** Of the thread that took longest. */
  get loadMs(): number | undefined {
    return this.#loadMs;
  }

  async start(): Promise<void> {
    try {
      const signatures = await Promise.all(Array.from({ length: this.lanes }, () => this.#spawn()));
      this.#signature = signatures[0] ?? this.#signature;
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  run(inputs: readonly Tensor[], outputs: readonly string[]): Promise<readonly Tensor[]> {
    if (this.#released) return Promise.reject(died('the model was released'));
    return new Promise((resolve, reject) => {
      // A copy is given away, so that the caller may use its memory again, and try again when the thread dies.
      this.#waiting.push({ message: { inputs: inputs.map(ownCopy), outputs }, resolve, reject });
      this.#dispatch();
    });
  }

  async release(): Promise<void> {
    this.#released = true;
    for (const timer of this.#replacements) timer.cancel();
    for (const run of this.#waiting.splice(0)) run.reject(died('the model was released'));
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idle.pop();
      if (thread === undefined) return;
      thread.run = this.#waiting.shift();
      const message = thread.run?.message;
      if (message !== undefined) thread.worker.postMessage(message, transferables(message.inputs));
    }
  }

  /** Resolves when the thread has loaded the model; rejects when it cannot. */
  #spawn(): Promise<ModelSignature> {
    const worker = new Worker(this.#options.workerFile, { workerData: this.#task, execArgv: [] });
    const thread: Thread = { worker, run: undefined };
    this.#threads.add(thread);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'loaded') {
          this.#loadMs = Math.max(this.#loadMs ?? 0, message.loadMs ?? 0);
          resolve(message.signature);
          this.#free(thread);
        } else if (message.kind === 'unloadable') reject(new ProblemError(message.problem));
        else this.#finish(thread, message);
      });
      // 'exit' follows every error and is where the thread is given up.
      worker.on('error', (error: Error) => {
        this.#options.logger.error(
          { model: this.#task.modelPath, reason: error.message },
          'a worker thread failed',
        );
      });
      worker.on('exit', (code) => {
        reject(died(`the thread ended with code ${code}`));
        this.#bury(thread);
      });
    });
  }

  #finish(thread: Thread, message: Extract<WorkerMessage, { kind: 'done' | 'refused' }>): void {
    const { run } = thread;
    thread.run = undefined;
    this.#deathsInARow = 0;
    if (message.kind === 'done') run?.resolve(message.outputs);
    else run?.reject(new ProblemError(message.problem));
    this.#free(thread);
  }

  #free(thread: Thread): void {
    this.#idle.push(thread);
    this.#dispatch();
  }

  #bury(thread: Thread): void {
    this.#threads.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
    thread.run?.reject(died('the thread that ran the model ended'));
    if (this.#released) return;
    const waitMs = Math.min(REPLACE_AFTER_MS * 2 ** this.#deathsInARow++, LONGEST_WAIT_MS);
    const timer = this.#options.clock.schedule(waitMs, () => {
      this.#replacements.delete(timer);
      this.#spawn().catch((error: unknown) => {
        this.#options.logger.error(
          { model: this.#task.modelPath, reason: String(error) },
          'a worker thread did not start',
        );
      });
    });
    this.#replacements.add(timer);
  }
}

function died(message: string): ProblemError {
  return new ProblemError(problem('WorkerDied', '', message));
}
