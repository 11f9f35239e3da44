/** How a model is run, chosen from what warm-up measured. */
import type { Measurement } from './warmUp.js';

export interface Plan {
  /** `inline`: on the event loop. `pool`: on worker threads, so that health checks and other models stay quick. */
  readonly placement: 'inline' | 'pool';
  /** Worker threads of the pool; 0 inline. */
  readonly threads: number;
  /** Rows of one batch at most; 1 is no batching. */
  readonly maxRows: number;
  /** One sentence for the log. */
  readonly reason: string;
}

export interface PlanLimits {
  readonly maxRows: number;
  /** Threads that a pool may have. */
  readonly threads: number;
  /** Whether there is a pool to choose. */
  readonly poolAvailable: boolean;
  /** What loading it on the event loop would take while requests are answered there; undefined when none are. */
  readonly loadMs?: number | undefined;
}

/** A model slower than this does not run on the event loop: a turn of a full batch must not be felt by a health check. */
const INLINE_ROW_MS = 2;

/** The longest batch that the event loop is given. */
const INLINE_BATCH_MS = 4;

/** The longest batch that a thread is given: who comes just after it began waits for all of it. */
const POOL_BATCH_MS = 100;

/** What a thread adds to each run of its own: two messages, and being woken up. In milliseconds. */
const PASSING_MS = 0.1;

/** A longer batch has to be this much quicker for each row: everybody in it waits for everybody. */
const WORTH_WAITING = 0.97;

/** The longest that loading may stop an event loop that answers requests: about as long as health checks may take. */
const INLINE_LOAD_MS = 10;

export function choosePlan(measured: Measurement, limits: PlanLimits): Plan {
  const rowMs = measured.rowMs;
  const quick = rowMs !== undefined && rowMs <= INLINE_ROW_MS;
  const heavy = (limits.loadMs ?? 0) > INLINE_LOAD_MS;
  const inline = !limits.poolAvailable || (quick && !heavy);
  const longestMs = inline ? INLINE_BATCH_MS : POOL_BATCH_MS;
  const maxRows = bestRows(measured, {
    longestMs,
    passingMs: inline ? 0 : PASSING_MS,
    maxRows: limits.maxRows,
  });
  const took = rowMs === undefined ? 'not measured' : `${rowMs.toFixed(3)} ms a row`;
  const useless = maxRows === 1 && measured.batches.length > 0;
  const loading = quick && heavy ? `; loading it takes ${Math.round(limits.loadMs ?? 0)} ms` : '';
  return {
    placement: inline ? 'inline' : 'pool',
    // Each thread has the model for itself: of a quick one that is here for its size, one is enough.
    threads: inline ? 0 : quick ? 1 : limits.threads,
    maxRows,
    reason: `${took}; ${measured.batching}${loading}${useless ? ', but a batch is no quicker than its rows alone' : ''}`,
  };
}

interface BatchLimits {
  readonly longestMs: number;
  /** What each run costs besides, in milliseconds. */
  readonly passingMs: number;
  readonly maxRows: number;
}

/**
 * Rows of the batch in which a row costs least: more rows share the cost of a run until they no longer fit the processor's caches.
 * Never longer than the longest batch.
 */
function bestRows({ rowMs, batches }: Measurement, { longestMs, passingMs, maxRows }: BatchLimits): number {
  let rows = 1;
  let perRow = (rowMs ?? Infinity) + passingMs;
  for (const batch of batches) {
    const ms = (batch.ms + passingMs) / batch.rows;
    if (ms > perRow * WORTH_WAITING) continue;
    rows = batch.rows;
    perRow = ms;
  }
  // Larger ones than the largest that was timed would do as well.
  if (rows > 1 && rows === batches.at(-1)?.rows) rows = maxRows;
  return Math.max(1, Math.min(rows, Math.floor(longestMs / perRow)));
}
