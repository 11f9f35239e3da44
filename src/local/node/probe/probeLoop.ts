import { type Clock, sleep } from '../../../base/index.js';
import type { Probe } from '../../objects/index.js';
import type { ProbeResult } from './prober.js';

/** Before the first success a probe is also made early, so that a quick program need not wait for the period. */
const EAGER_MS = 50;

export interface ProbeLoopOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  /** Look for the first success early (startup and readiness). */
  readonly eager: boolean;
  run(timeoutMs: number): Promise<ProbeResult>;
  /** The threshold of successes is reached: at the first time, and after each failure that counted. */
  onSuccess(): void;
  /** A probe failed; `final` when the threshold of failures is reached. */
  onFailure(message: string, final: boolean): void;
}

/**
 * Probes until the signal aborts, with kubelet's delays and thresholds. Early probes count when they succeed and are
 * forgotten when they fail: a failure threshold keeps the meaning it has in a cluster.
 */
export async function runProbeLoop(options: ProbeLoopOptions, signal: AbortSignal): Promise<void> {
  const { probe, clock } = options;
  const period = Math.max(probe.periodSeconds ?? 10, 1) * 1000;
  const timeout = Math.max(probe.timeoutSeconds ?? 1, 1) * 1000;
  const thresholds = { success: probe.successThreshold ?? 1, failure: probe.failureThreshold ?? 3 };
  await sleep(clock, (probe.initialDelaySeconds ?? 0) * 1000, signal);
  let successes = 0;
  let failures = 0;
  let early = options.eager ? EAGER_MS : period;
  let nextCounted = clock.monotonic() + (options.eager ? period : 0);
  while (!signal.aborted) {
    const result = await options.run(timeout);
    if (signal.aborted) return;
    const counts = result.ok || clock.monotonic() >= nextCounted || early >= period;
    if (result.ok) {
      failures = 0;
      successes += 1;
      early = period;
      if (successes === thresholds.success) options.onSuccess();
    } else if (counts) {
      successes = 0;
      failures += 1;
      nextCounted = clock.monotonic() + period;
      options.onFailure(result.message, failures >= thresholds.failure);
    }
    await sleep(clock, Math.min(early, period), signal);
    early = Math.min(early * 2, period);
  }
}
