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
}

/** A model slower than this does not run on the event loop: a turn of a full batch must not be felt by a health check. */
const INLINE_ROW_MS = 1;

/** The longest batch that the event loop is given. */
const INLINE_BATCH_MS = 4;

export function choosePlan(measured: Measurement, limits: PlanLimits): Plan {
  const rowMs = measured.rowMs;
  const inline = !limits.poolAvailable || (rowMs !== undefined && rowMs <= INLINE_ROW_MS);
  const maxRows = measured.independentRows
    ? inline
      ? inlineRows(measured, limits.maxRows)
      : limits.maxRows
    : 1;
  const took = rowMs === undefined ? 'not measured' : `${rowMs.toFixed(3)} ms a row`;
  return {
    placement: inline ? 'inline' : 'pool',
    threads: inline ? 0 : limits.threads,
    maxRows,
    reason: `${took}; ${measured.batching}`,
  };
}

/** Rows that stay within the longest batch, assuming time grows evenly with rows. */
function inlineRows(measured: Measurement, maxRows: number): number {
  const { batchMs } = measured;
  if (batchMs === undefined || batchMs <= INLINE_BATCH_MS) return maxRows;
  return Math.max(1, Math.floor((maxRows * INLINE_BATCH_MS) / batchMs));
}
