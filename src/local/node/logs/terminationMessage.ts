import type { Container } from '../../objects/index.js';
import { readLogs } from './podLogs.js';

/** The kubelet's bounds for a message taken from the log (kubecontainer.MaxContainerTerminationMessageLogLength). */
const MAX_LINES = 80;
const MAX_BYTES = 2048;

/**
 * What a run that failed said last, where its container asks for that (`terminationMessagePolicy:
 * FallbackToLogsOnError`): the end of its log. The file of `terminationMessagePath` has no place here, since a process
 * on this machine has no /dev of its own.
 */
export async function terminationMessage(
  container: Container | undefined,
  exitCode: number,
  logPath: string,
): Promise<string | undefined> {
  if (exitCode === 0 || container?.terminationMessagePolicy !== 'FallbackToLogsOnError') return undefined;
  const chunks: Uint8Array[] = [];
  const source = { path: logPath, live: undefined, now: 0 };
  for await (const chunk of readLogs(source, { tailLines: MAX_LINES })) chunks.push(chunk);
  const text = Buffer.concat(chunks).subarray(-MAX_BYTES).toString('utf8');
  return text === '' ? undefined : text;
}
