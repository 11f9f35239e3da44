/**
 * One line a request. Under load a sample is enough, but errors and slow requests are always told; of neither there are
 * more lines than a log can take, and a line says how many were left out.
 */
import type { Clock, Logger, Random } from '../../base/index.js';
import { type RequestContext, traceIdOf } from '../http/requestContext.js';

export interface AccessEntry {
  readonly context: RequestContext;
  /** Name of who asks, where that is known; never what they showed. */
  readonly client: string | undefined;
  readonly method: string;
  /** The path without its query, which may hold what a client should not have put there. */
  readonly path: string;
  /** HTTP's, or the number of google.rpc.Code. */
  readonly status: number;
  readonly durationMs: number;
}

export interface AccessLogConfig {
  /** Share of unremarkable requests that are logged, from 0 to 1. */
  readonly sample: number;
  /** A request that takes as long is slow. */
  readonly slowMs: number;
}

export const LOG_EVERY_REQUEST: AccessLogConfig = { sample: 1, slowMs: 1_000 };

interface AccessLogParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

/** Lines a second of unremarkable requests, and as many again of the others; the server is faster than any log. */
const LINES_PER_SECOND = 100;

export class AccessLog {
  readonly #config: AccessLogConfig;
  readonly #parts: AccessLogParts;
  #second = 0;
  #lines = 0;
  #remarkableLines = 0;
  #leftOut = 0;

  constructor(config: AccessLogConfig, parts: AccessLogParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** Whether this request's line is to be written: asked before one is built. Counts it as left out when not. */
  wants(failed: boolean, durationMs: number): boolean {
    const second = Math.floor(this.#parts.clock.monotonic() / 1000);
    if (second !== this.#second) this.#turn(second);
    const wanted =
      failed || durationMs >= this.#config.slowMs
        ? this.#remarkableLines < LINES_PER_SECOND && ++this.#remarkableLines > 0
        : this.#lines < LINES_PER_SECOND && this.#isSampled() && ++this.#lines > 0;
    if (!wanted) this.#leftOut++;
    return wanted;
  }

  write(entry: AccessEntry): void {
    this.#parts.logger.info(fieldsOf(entry), 'request');
  }

  /** Health checks come every second from everywhere: only who asks for debug lines sees them. */
  writeProbe(entry: AccessEntry): void {
    this.#parts.logger.debug(fieldsOf(entry), 'request');
  }

  #isSampled(): boolean {
    const { sample } = this.#config;
    return sample >= 1 || this.#parts.random.next() < sample;
  }

  #turn(second: number): void {
    if (this.#leftOut > 0) {
      this.#parts.logger.info({ requests: this.#leftOut }, 'requests not logged one by one');
    }
    this.#second = second;
    this.#lines = 0;
    this.#remarkableLines = 0;
    this.#leftOut = 0;
  }
}

function fieldsOf({
  context,
  client,
  method,
  path,
  status,
  durationMs,
}: AccessEntry): Record<string, unknown> {
  return {
    requestId: context.id,
    traceId: traceIdOf(context),
    client,
    method,
    path,
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
  };
}
