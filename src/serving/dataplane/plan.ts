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
const INLINE_ROW_MS = 1;

/** The longest batch that the event loop is given. */
const INLINE_BATCH_MS = 4;

/** The longest batch that a thread is given: who comes just after it began waits for all of it. */
const POOL_BATCH_MS = 100;

/** The longest that loading may stop an event loop that answers requests: about as long as health checks may take. */
const INLINE_LOAD_MS = 10;

export function choosePlan(measured: Measurement, limits: PlanLimits): Plan {
  const rowMs = measured.rowMs;
  const quick = rowMs !== undefined && rowMs <= INLINE_ROW_MS;
  const heavy = (limits.loadMs ?? 0) > INLINE_LOAD_MS;
  const inline = !limits.poolAvailable || (quick && !heavy);
  const longestMs = inline ? INLINE_BATCH_MS : POOL_BATCH_MS;
  const maxRows = measured.independentRows ? rowsWithin(longestMs, measured, limits.maxRows) : 1;
  const took = rowMs === undefined ? 'not measured' : `${rowMs.toFixed(3)} ms a row`;
  const loading = quick && heavy ? `; loading it takes ${Math.round(limits.loadMs ?? 0)} ms` : '';
  return {
    placement: inline ? 'inline' : 'pool',
    // Each thread has the model for itself: of a quick one that is here for its size, one is enough.
    threads: inline ? 0 : quick ? 1 : limits.threads,
    maxRows,
    reason: `${took}; ${measured.batching}${loading}`,
  };
}

/** Rows that stay within the longest batch, assuming time grows evenly with rows. */
function rowsWithin(longestMs: number, { batchMs }: Measurement, maxRows: number): number {
  if (batchMs === undefined || batchMs <= longestMs) return maxRows;
  return Math.max(1, Math.floor((maxRows * longestMs) / batchMs));
}
