/** The program's entry: wires the process (streams, environment, signals) to the table of commands. */
import { messageOf, ProblemError } from '../base/index.js';
import { type CommandIo, reportProblem } from './io.js';
import { runProgram } from './program.js';
import { packageVersion } from './version.js';

// onnxruntime reports its use to its maker unless the environment says otherwise before the library is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(name));

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: Object.freeze({ ...process.env }),
  workingDirectory: process.cwd(),
  signal: stop.signal,
};

// A reader that went away (`gantry model list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

try {
  process.exitCode = await runProgram(process.argv.slice(2), io, packageVersion());
} catch (error) {
  process.exitCode =
    error instanceof ProblemError
      ? reportProblem(io, error.problem)
      : reportProblem(io, {
          code: 'Unexpected',
          place: '',
          message: messageOf(error),
          remedy: 'run again with GANTRY_DEBUG=1 for the details and report it',
        });
  if (io.environment.GANTRY_DEBUG === '1') process.stderr.write(`${(error as Error).stack ?? ''}\n`);
}

// What is left running (an idle pool, a socket in time-wait) must not keep a finished program alive.
process.exit();
