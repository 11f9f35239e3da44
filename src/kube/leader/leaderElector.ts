import {
  type Clock,
  type Logger,
  messageOf,
  type MetricsRegistry,
  problem,
  ProblemError,
  type Random,
  sleep,
} from '../../base/index.js';
import { type LinkedAbort, linkAbort } from '../client/abort.js';
import type { Client } from '../client/contract.js';
import { gauge } from '../metrics.js';
import { createCandidate } from './candidate.js';

/** As in client-go: a waiting process looks again after 1 to 2.2 retry periods. */
const RETRY_JITTER = 1.2;

export interface LeaderElectorOptions {
  readonly client: Client;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process. */
  readonly identity: string;
  /** Others wait so long, without a sign of life, before they take the lease. Whole seconds; client-go: 15 s. */
  readonly leaseDurationMs: number;
  /** The leader stops when it could not renew for so long. Less than the lease's duration; client-go: 10 s. */
  readonly renewDeadlineMs: number;
  /** Between two attempts. client-go: 2 s. */
  readonly retryPeriodMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: MetricsRegistry | undefined;
}

export interface LeaderCallbacks {
  /**
   * Leads until the signal aborts; the promise settles when the work has ended: the lease's release, and another term of
   * this process, wait for it. A rejection is logged and ends the term.
   */
  onStarted(signal: AbortSignal): Promise<void> | void;
  /** After each term, when the signal of `onStarted` has aborted. */
  onStopped(): void;
}

export interface LeaderElector {
  /**
   * Competes for the lease until the signal aborts, term after term: a caller that would rather exit at a lost term
   * aborts the signal in `onStopped`. Resolves when the last term's work has ended. Never rejects.
   */
  run(callbacks: LeaderCallbacks, signal: AbortSignal): Promise<void>;
  isLeader(): boolean;
}

/**
 * Leader election by Lease. There are never two leaders as long as all clocks run at the same rate and a leader's work
 * ends within `leaseDurationMs - renewDeadlineMs` of its signal: a term ends `renewDeadlineMs` after the last successful
 * renewal was sent, whatever the network does, and nobody takes a lease that lived less than `leaseDurationMs`.
 */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  checkTimes(options);
  const { clock, logger, renewDeadlineMs, retryPeriodMs } = options;
  const candidate = createCandidate(options);
  const status = gauge(options.metrics, {
    name: 'leader_election_master_status',
    help: '1 while this process leads, by the lease\u2019s name.',
    labelNames: ['name'],
  });
  status?.set({ name: options.name }, 0);
  /** Monotonic time until which we lead. */
  let leadsUntil = Number.NEGATIVE_INFINITY;

  /** When the lease became ours, or undefined. A request that hangs must not eat the time of the next one. */
  const attempt = async (signal: AbortSignal): Promise<number | 'lost' | undefined> => {
    const link = linkAbort(signal);
    const limitMs = Math.max(retryPeriodMs, renewDeadlineMs / 2);
    const timer = clock.schedule(limitMs, () => link.abort(new Error(`no answer within ${limitMs} ms`)));
    try {
      const outcome = await candidate.attempt(link.signal);
      if (outcome.held) return outcome.since;
      return outcome.holder === '' ? undefined : 'lost';
    } catch (error) {
      if (!signal.aborted) logger.warn({ lease: options.name }, `lease not reached: ${messageOf(error)}`);
      return undefined;
    } finally {
      timer.cancel();
      link.release();
    }
  };

  /** Renews until the term's signal aborts. */
  const renew = async (term: LinkedAbort, heldSince: number) => {
    let deadline = clock.schedule(0, () => undefined);
    const extend = (since: number) => {
      leadsUntil = since + renewDeadlineMs;
      deadline.cancel();
      deadline = clock.schedule(leadsUntil - clock.monotonic(), () =>
        term.abort(new Error('lease not renewed')),
      );
    };
    extend(heldSince);
    while (!term.signal.aborted) {
      await sleep(clock, retryPeriodMs, term.signal);
      if (term.signal.aborted) break;
      const since = await attempt(term.signal);
      if (since === 'lost') term.abort(new Error('the lease is with another holder'));
      else if (since !== undefined && !term.signal.aborted) extend(since);
    }
    deadline.cancel();
  };

  /** After the work has ended, unless the lease has run out by then and is nobody's to give back. */
  const release = async (expiresAt: number) => {
    if (clock.monotonic() >= expiresAt) return;
    const link = linkAbort();
    const timer = clock.schedule(retryPeriodMs, () => link.abort(new Error('no answer')));
    await candidate
      .release(link.signal)
      .catch((error: unknown) =>
        logger.info({ lease: options.name }, `lease not released: ${messageOf(error)}`),
      );
    timer.cancel();
  };

  const lead = async (heldSince: number, callbacks: LeaderCallbacks, signal: AbortSignal) => {
    const term = linkAbort(signal);
    logger.info({ lease: options.name, identity: options.identity }, 'leading');
    status?.set({ name: options.name }, 1);
    // The deadline is armed before the work starts.
    const renewing = renew(term, heldSince);
    const working = work(callbacks, term, logger);
    await renewing;
    const expiresAt = leadsUntil - renewDeadlineMs + options.leaseDurationMs;
    leadsUntil = Number.NEGATIVE_INFINITY;
    status?.set({ name: options.name }, 0);
    const why = signal.aborted ? 'asked to stop' : messageOf(term.signal.reason);
    logger.info({ lease: options.name, identity: options.identity }, `leading no more: ${why}`);
    callStopped(callbacks, logger);
    await working;
    await release(expiresAt);
    term.release();
  };

  return {
    async run(callbacks, signal) {
      while (!signal.aborted) {
        const since = await attempt(signal);
        if (typeof since === 'number' && clock.monotonic() < since + renewDeadlineMs) {
          await lead(since, callbacks, signal);
        }
        await sleep(clock, retryPeriodMs * (1 + RETRY_JITTER * options.random.next()), signal);
      }
    },
    isLeader: () => clock.monotonic() < leadsUntil,
  };
}

/** A leader whose work has failed ends its term: it must not keep others from working. */
async function work(callbacks: LeaderCallbacks, term: LinkedAbort, logger: Logger): Promise<void> {
  try {
    await callbacks.onStarted(term.signal);
  } catch (error) {
    logger.error({ err: error }, `the leader\u2019s work failed: ${messageOf(error)}`);
    term.abort(new Error('its work failed'));
  }
}

function callStopped(callbacks: LeaderCallbacks, logger: Logger): void {
  try {
    callbacks.onStopped();
  } catch (error) {
    logger.error({ err: error }, `the end of a term failed: ${messageOf(error)}`);
  }
}

function checkTimes({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: LeaderElectorOptions): void {
  if (leaseDurationMs % 1000 !== 0 || leaseDurationMs <= renewDeadlineMs) {
    throw new ProblemError(
      problem(
        'InvalidLeaderElection',
        'leaseDurationMs',
        `${leaseDurationMs} is not a whole number of seconds above renewDeadlineMs (${renewDeadlineMs})`,
      ),
    );
  }
  if (renewDeadlineMs <= retryPeriodMs * RETRY_JITTER) {
    throw new ProblemError(
      problem(
        'InvalidLeaderElection',
        'renewDeadlineMs',
        `${renewDeadlineMs} is not above ${RETRY_JITTER} times retryPeriodMs (${retryPeriodMs})`,
      ),
    );
  }
}
