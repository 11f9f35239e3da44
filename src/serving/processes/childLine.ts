/** Lines between real processes: Node's channel of a forked child. */
import { type ChildProcess, fork } from 'node:child_process';
import { Server, Socket } from 'node:net';
import type { Line, Message } from './messages.js';
import type { MemberProcess } from './processGroup.js';

/** Starts the program `file` with `args` as another process of this pod, writing to the same streams. */
export function forkMember(file: string, args: readonly string[]): MemberProcess {
  const child = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    ...lineTo(child),
    pid: child.pid,
    onExit: (listener) => {
      child.once('error', (error) => {
        if (child.pid === undefined) listener(error.message);
      });
      child.once('exit', (code, signal) => listener(signal ?? `exit code ${code}`));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** The line to the process that started this one; undefined when none did. `onLost` is called when that one is gone. */
export function lineToParent(onLost: () => void): Line | undefined {
  if (process.send === undefined) return undefined;
  process.once('disconnect', onLost);
  return lineTo(process);
}

function lineTo(end: ChildProcess | NodeJS.Process): Line {
  return {
    send(message, socket) {
      // The other end may have died a moment ago: its exit is told elsewhere.
      if (end.connected) end.send?.(message, socket, { keepOpen: true }, () => undefined);
    },
    onMessage(listener) {
      end.on('message', (message: Message, handle: unknown) =>
        listener(message, handle instanceof Server || handle instanceof Socket ? handle : undefined),
      );
    },
  };
}
