import { Worker } from 'node:worker_threads';
import { problem, ProblemError } from '../../base/index.js';
import type { DigestMessage, DigestTask } from './workerMessages.js';

/**
 * The digest of a file's bytes, read and hashed on a thread of its own: a large model takes seconds.
 *
 * @param workerFile the built JavaScript of worker.ts
 */
export function digestOnThread(path: string, workerFile: URL): Promise<string> {
  const task: DigestTask = { digestOf: path };
  const worker = new Worker(workerFile, { workerData: task, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: DigestMessage) => {
      if ('digest' in message) resolve(message.digest);
      else reject(unreadable(path, message.unreadable));
    });
    worker.on('error', (error: Error) => reject(unreadable(path, error.message)));
    worker.on('exit', (code) => reject(unreadable(path, `the thread ended with code ${code}`)));
  });
}

function unreadable(path: string, message: string): ProblemError {
  return new ProblemError(problem('ModelUnreadable', path, message, 'check the file and its permissions'));
}
