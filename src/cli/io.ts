/** What a command touches of the outside: streams, environment and the signal that asks it to stop. */
import { formatProblem, type Problem } from '../base/index.js';

export interface CommandIo {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** 0 done · 1 refused or failed, with a reason on stderr · 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

export type OutputFormat = 'text' | 'json';

/** One line on stderr; with `--output json` an object on stdout, for scripts. */
export function reportProblem(io: CommandIo, problem: Problem, output: OutputFormat = 'text'): ExitCode {
  if (output === 'json') io.stdout.write(`${JSON.stringify({ error: problem })}\n`);
  else io.stderr.write(`gantry: ${formatProblem(problem)}\n`);
  return 1;
}

export function writeJson(io: CommandIo, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Columns padded to their widest cell, three spaces apart, as kubectl prints them. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** Resolves once the signal has aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
