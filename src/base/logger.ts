import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';
import { standardOutput } from './logLines.js';

/** Structured JSON lines. `fields` first, then the sentence, as pino has it. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Names the component in each line. */
  readonly name: string;
  /** Where lines go; standard output when not given. */
  readonly destination?: DestinationStream;
}

/** Keys that never reach a log, wherever they stand at the first two levels of a line. */
const SECRET_KEYS = ['authorization', 'token', 'password', 'secret', 'redisUrl'];

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      name: options.name,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    },
    options.destination ?? standardOutput(),
  );
}

export const silentLogger: Logger = createLogger({
  level: 'silent',
  name: 'silent',
  destination: { write: () => undefined },
});
