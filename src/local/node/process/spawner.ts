import type { ProcessSpec } from '../container/command.js';

export interface ProcessExit {
  /** 128 + signal number when a signal ended it, as shells count. */
  readonly code: number;
  readonly signal?: string;
}

/** A started process, leader of a process group of its own. */
export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** Sends a signal to the whole group; nothing happens when it is gone. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface ProcessOutput {
  /** False asks the process to wait until `drained` resolves. */
  write(stream: 'stdout' | 'stderr', chunk: Buffer): boolean;
  drained(): Promise<void>;
}

/** How processes are started: a parameter, so that tests need none. */
export interface ProcessSpawner {
  /** Rejects when the program cannot be started, with a message for its user. */
  start(spec: ProcessSpec, output: ProcessOutput): Promise<RunningProcess>;
}
