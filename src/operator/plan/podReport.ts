import type { Reason } from '../../api/index.js';
import type { Problem } from '../../base/index.js';
import type { Terminated } from './observed.js';

/** Codes of `gantry serve` that stand for more than themselves; any other code is `StartFailed`. */
const REASON_OF_CODE: ReadonlyMap<string, Reason> = new Map([
  ['DigestMismatch', 'DigestMismatch'],
  ['ModelNotFound', 'ModelNotFound'],
  ['ModelUnloadable', 'InvalidModel'],
  ['ModelUnreadable', 'InvalidModel'],
  ['ModelFailed', 'InvalidModel'],
  ['InvalidMetadata', 'InvalidModel'],
  ['MetadataMissing', 'InvalidModel'],
  ['MetadataMismatch', 'InvalidModel'],
  ['GoldenMismatch', 'InvalidModel'],
]);

export function reasonOfCode(code: string): Reason {
  return REASON_OF_CODE.get(code) ?? 'StartFailed';
}

/**
 * Why a container says it cannot serve: `gantry serve` ends with one line of JSON, `{code, place, message, remedy}`.
 * The kubelet hands on the end of the log (terminationMessagePolicy FallbackToLogsOnError), so other lines may
 * precede it and the first may be cut.
 */
export function podReport(terminated: Terminated): Problem | undefined {
  const lines = (terminated.message ?? '').trimEnd().split('\n').reverse();
  for (const line of lines) {
    const report = parseReport(line);
    if (report !== undefined) return report;
  }
  return undefined;
}

function parseReport(line: string): Problem | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { code, place, message, remedy } = JSON.parse(line) as Record<string, unknown>;
    if (typeof code !== 'string' || typeof message !== 'string') return undefined;
    return { code, message, place: textOf(place), remedy: textOf(remedy) };
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The last line that is not empty, shortened: what to show of a log that holds no report. */
export function lastLine(terminated: Terminated): string {
  const line = (terminated.message ?? '').trimEnd().split('\n').at(-1) ?? '';
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}
