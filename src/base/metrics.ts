import { Registry } from 'prom-client';

/** One registry a process; whoever has metrics takes it as a parameter, nobody uses prom-client's global one. */
export type MetricsRegistry = Registry;

export function createMetricsRegistry(): MetricsRegistry {
  return new Registry();
}
