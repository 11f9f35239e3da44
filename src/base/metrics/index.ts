/** Apart from base/index.ts, so that what has no metrics yet does not load prom-client: it costs a start 25 ms. */
export {
  createMetricsRegistry,
  exposeProcess,
  type MetricsRegistry,
  printAsOpenMetrics,
} from './registry.js';
