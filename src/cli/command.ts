/** What each file in commands/ exports as `run`. */
import type { CommandIo, ExitCode } from './io.js';

/** Parsed flags by their camel-case names. */
export type OptionValues = Readonly<Record<string, unknown>>;

export type CommandRunner = (
  io: CommandIo,
  options: OptionValues,
  args: readonly string[],
) => Promise<ExitCode>;
