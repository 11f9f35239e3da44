/** The worker thread's program: loads one model, then runs what it is sent, one batch at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, problem, type Problem, ProblemError } from '../../base/index.js';
import { createOnnxRuntime } from './onnxRuntime.js';
import { type RunMessage, transferables, type WorkerMessage, type WorkerTask } from './workerMessages.js';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

const { modelPath, threads } = workerData as WorkerTask;

function say(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function asProblem(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : problem('ModelFailed', '', messageOf(error));
}

try {
  const model = await createOnnxRuntime().load(modelPath, { threads });
  port.on('message', ({ inputs, outputs }: RunMessage) => {
    model.run(inputs, outputs).then(
      (answers) => say({ kind: 'done', outputs: answers }, transferables(answers)),
      (error: unknown) => say({ kind: 'refused', problem: asProblem(error) }),
    );
  });
  say({ kind: 'loaded', signature: model.signature });
} catch (error) {
  say({ kind: 'unloadable', problem: asProblem(error) });
}
