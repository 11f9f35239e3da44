/** Gantry's program as a user runs it: a process of its own, its output, its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const GANTRY = path.join(ROOT, 'bin', 'gantry.js');
export const START = path.join(ROOT, 'bin', 'start.js');

/** Folders of programs that every test process sees. */
export const SEARCH_PATH = `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
const TIMEOUT_MS = 60_000;

export interface ProgramOptions {
  readonly cwd?: string;
  /** The whole environment; PATH alone by default. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Finished {
  /** Exit code, or -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Waits until standard output matches; fails with everything printed when the program ends before. */
  printed(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
  /** Sends the signal, unless it has ended, and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Finished>;
}

async function finish(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<Finished> {
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, ...output };
}

/** Starts a program without waiting for anything. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  const child = spawn(command, [...args], {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? { PATH: SEARCH_PATH },
    stdio: 'pipe',
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const finished = finish(child, output);
  finished.catch(() => undefined);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? -1,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async printed(pattern, deadlineMs) {
      const found = await eventually(
        `output like ${String(pattern)}`,
        () => pattern.exec(output.stdout) ?? (hasEnded() ? ('ended' as const) : undefined),
        deadlineMs,
      ).catch((error: unknown) => error as Error);
      if (found === 'ended' || found instanceof Error) {
        throw new Error(`no output like ${String(pattern)}:\n${output.stdout}\n${output.stderr}`);
      }
      return found;
    },
    signal: (name) => void child.kill(name),
    finished,
    async end(signal = 'SIGINT') {
      if (!hasEnded()) child.kill(signal);
      return finished;
    },
  };
}

/** Runs a program to its end; one that takes too long is killed. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Finished> {
  const running = startProgram(command, args, options);
  const timer = setTimeout(() => running.signal('SIGKILL'), TIMEOUT_MS);
  try {
    return await running.finished;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `gantry` with these arguments. */
export const gantry = (args: readonly string[], options?: ProgramOptions): Promise<Finished> =>
  runProgram(process.execPath, [GANTRY, ...args], options);
