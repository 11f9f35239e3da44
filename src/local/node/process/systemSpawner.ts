import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants as files, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Clock } from '../../../base/index.js';
import type { ProcessExit, ProcessOutput, ProcessSpawner, RunningProcess } from './spawner.js';

/** How long output is still read after the process is gone. */
const OUTPUT_GRACE_MS = 500;
const FALLBACK_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Starts processes of this machine, each in a session of its own. Where util-linux' `setpriv` is there, the kernel is
 * asked to kill a process when this one dies, so that even a `kill -9` of the node leaves no container behind.
 */
export function createSystemSpawner(clock: Clock): ProcessSpawner {
  const setpriv = findProgram('setpriv', FALLBACK_PATH);
  return {
    async start(spec, output) {
      const program = findProgram(spec.command, spec.env['PATH'] ?? FALLBACK_PATH, spec.cwd);
      if (program === undefined) {
        throw new Error(`exec: "${spec.command}": executable file not found in $PATH`);
      }
      const words =
        setpriv === undefined
          ? [program, ...spec.args]
          : [setpriv, '--pdeathsig', 'KILL', '--', program, ...spec.args];
      const [command = program, ...args] = words;
      const child = spawn(command, args, {
        cwd: spec.cwd,
        env: { ...spec.env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return started(child, output, clock);
    },
  };
}

function started(child: ChildProcess, output: ProcessOutput, clock: Clock): Promise<RunningProcess> {
  return new Promise((fulfil, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      const pid = child.pid ?? 0;
      collect(child, 'stdout', output);
      collect(child, 'stderr', output);
      fulfil({ pid, exited: exitOf(child, pid, clock), kill: (signal) => killGroup(pid, signal) });
    });
  });
}

function exitOf(child: ChildProcess, pid: number, clock: Clock): Promise<ProcessExit> {
  return new Promise((fulfil) => {
    child.once('exit', (code, signal) => {
      // What the leader left in its group belongs to the container and ends with it.
      killGroup(pid, 'SIGKILL');
      const exit: ProcessExit =
        signal === null ? { code: code ?? 0 } : { code: 128 + (constants.signals[signal] ?? 0), signal };
      // A grandchild in a session of its own may keep the pipes open for ever.
      const timer = clock.schedule(OUTPUT_GRACE_MS, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
      child.once('close', () => {
        timer.cancel();
        fulfil(exit);
      });
    });
  });
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr', output: ProcessOutput): void {
  const source = child[name];
  source?.on('data', (chunk: Buffer) => {
    if (output.write(name, chunk)) return;
    source.pause();
    void output.drained().then(() => source.resume());
  });
  source?.on('error', () => undefined);
}

function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group is gone already.
  }
}

/** The program's path as execvp would find it; undefined when there is none that may be run. */
export function findProgram(command: string, path: string, cwd = '/'): string | undefined {
  const candidates = command.includes('/')
    ? [isAbsolute(command) ? command : resolve(cwd, command)]
    : path.split(delimiter).map((folder) => join(folder, command));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, files.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}
