/** One line a request, as long as there are few; under load a sample, and a line that says how many were left out. */
import type { Clock, Logger } from '../../base/index.js';
import { type RequestContext, traceIdOf } from './requestContext.js';

export interface AccessEntry {
  readonly context: RequestContext;
  readonly method: string;
  /** The path without its query, which may hold what a client should not have put there. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Lines a second in full; the server is faster than any log. */
const LINES_PER_SECOND = 100;

export class AccessLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #second = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Whether the next entry would be written: asks before one is built. Counts it as left out when not. */
  wants(): boolean {
    const second = Math.floor(this.#clock.monotonic() / 1000);
    if (second !== this.#second) this.#turn(second);
    if (this.#lines < LINES_PER_SECOND) return true;
    this.#leftOut++;
    return false;
  }

  write(entry: AccessEntry): void {
    this.#lines++;
    this.#logger.info(
      {
        requestId: entry.context.id,
        traceId: traceIdOf(entry.context),
        method: entry.method,
        path: entry.path,
        status: entry.status,
        durationMs: Math.round(entry.durationMs * 1000) / 1000,
      },
      'request',
    );
  }

  #turn(second: number): void {
    if (this.#leftOut > 0) this.#logger.info({ requests: this.#leftOut }, 'requests not logged one by one');
    this.#second = second;
    this.#lines = 0;
    this.#leftOut = 0;
  }
}
