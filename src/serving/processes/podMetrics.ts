import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import type { MetricsRegistry } from '../../base/index.js';

/** One registry for the pod out of `getMetricsAsJSON` of each of its processes. Exemplars stay behind. */
export function sumOfProcesses(metrics: readonly object[]): MetricsRegistry {
  return AggregatorRegistry.aggregate(metrics as MetricObjectWithValues<MetricValue<string>>[]);
}
