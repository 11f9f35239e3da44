import type { MetricsRegistry } from '../../base/index.js';
import { counter, gauge, histogram } from '../metrics.js';

export type ReconcileOutcome = 'success' | 'requeue_after' | 'error' | 'terminal_error' | 'panic';

export interface ControllerMetrics {
  started(): void;
  finished(outcome: ReconcileOutcome, seconds: number): void;
}

/** controller-runtime's metrics under its own names, so that its dashboards and alerts fit. */
export function controllerMetrics(
  registry: MetricsRegistry | undefined,
  controller: string,
  workers: number,
): ControllerMetrics {
  const labelNames = ['controller'];
  const count = (name: string, help: string) => counter(registry, { name, help, labelNames });
  const total = counter(registry, {
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by controller and result (success, requeue_after, error).',
    labelNames: ['controller', 'result'],
  });
  const errors = count('controller_runtime_reconcile_errors_total', 'Reconciliations that failed.');
  const terminal = count(
    'controller_runtime_terminal_reconcile_errors_total',
    'Reconciliations that failed and are not tried again.',
  );
  const panics = count(
    'controller_runtime_reconcile_panics_total',
    'Reconciliations that hit a programming error.',
  );
  const times = histogram(registry, {
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a reconciliation takes, in seconds.',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  });
  const active = gauge(registry, {
    name: 'controller_runtime_active_workers',
    help: 'Workers that reconcile now.',
    labelNames,
  });
  gauge(registry, {
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Workers there are.',
    labelNames,
  })?.set({ controller }, workers);

  return {
    started: () => active?.inc({ controller }),
    finished(outcome, seconds) {
      active?.dec({ controller });
      times?.observe({ controller }, seconds);
      const failed = outcome !== 'success' && outcome !== 'requeue_after';
      total?.inc({ controller, result: failed ? 'error' : outcome });
      if (failed) errors?.inc({ controller });
      if (outcome === 'terminal_error') terminal?.inc({ controller });
      if (outcome === 'panic') panics?.inc({ controller });
    },
  };
}
