/** The worker thread's program: loads one model, then runs what it is sent, one batch at a time; or hashes one file. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { digestOfFile, messageOf, problem, type Problem, ProblemError } from '../../base/index.js';
import { createOnnxRuntime } from './onnxRuntime.js';
import {
  type DigestMessage,
  type ModelTask,
  type RunMessage,
  transferables,
  type WorkerMessage,
  type WorkerTask,
} from './workerMessages.js';

function asProblem(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : problem('ModelFailed', '', messageOf(error));
}

async function serve(port: MessagePort, { modelPath, threads }: ModelTask): Promise<void> {
  const say = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  try {
    const model = await createOnnxRuntime().load(modelPath, { threads });
    port.on('message', ({ inputs, outputs }: RunMessage) => {
      model.run(inputs, outputs).then(
        (answers) => say({ kind: 'done', outputs: answers }, transferables(answers)),
        (error: unknown) => say({ kind: 'refused', problem: asProblem(error) }),
      );
    });
    say({ kind: 'loaded', signature: model.signature, loadMs: model.loadMs });
  } catch (error) {
    say({ kind: 'unloadable', problem: asProblem(error) });
  }
}

async function digest(port: MessagePort, path: string): Promise<void> {
  const message: DigestMessage = await digestOfFile(path).then(
    (found) => ({ digest: found }),
    (error: unknown) => ({ unreadable: messageOf(error) }),
  );
  port.postMessage(message);
}

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const task = workerData as WorkerTask;
if ('digestOf' in task) await digest(parentPort, task.digestOf);
else await serve(parentPort, task);
