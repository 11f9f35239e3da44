import { StatusError } from '../../apiserver/index.js';
import type { Pod } from '../../objects/index.js';
import { logPath } from '../pod/folder.js';
import type { PodWorker } from '../pod/podWorker.js';
import type { LogOptions, LogSource } from './podLogs.js';

/** Which run of which container is asked for. Throws the API server's refusal when there is none. */
export function logSource(
  name: string,
  { pod, worker }: { pod: Pod | undefined; worker: PodWorker | undefined },
  options: LogOptions,
): Omit<LogSource, 'now'> {
  const container = options.container ?? pod?.spec.containers[0]?.name ?? '';
  const record = worker?.records.find((candidate) => candidate.name === container);
  const subject = `container "${container}" in pod "${name}"`;
  if (worker === undefined || record === undefined) {
    throw badRequest(`${subject} is waiting to start: ContainerCreating`);
  }
  if (options.previous === true && record.restartCount === 0) {
    throw badRequest(`previous terminated ${subject} not found`);
  }
  if (record.state === 'waiting' && record.exits.length === 0) {
    throw badRequest(`${subject} is waiting to start: ${record.waiting?.reason ?? 'ContainerCreating'}`);
  }
  const restart = options.previous === true ? record.restartCount - 1 : record.restartCount;
  const live = options.previous === true ? undefined : worker.logOf(container);
  return { path: logPath(worker.folder, container, restart), live };
}

function badRequest(message: string): StatusError {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...base, message, reason: 'BadRequest', code: 400 });
}
