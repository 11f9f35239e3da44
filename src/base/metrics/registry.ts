import { collectDefaultMetrics, Gauge, Registry, type RegistryContentType } from 'prom-client';

/** One registry a process; whoever has metrics takes it as a parameter, nobody uses prom-client's global one. */
export type MetricsRegistry = Registry;

export function createMetricsRegistry(): MetricsRegistry {
  return new Registry();
}

/** OpenMetrics' format instead of Prometheus' own: it has room for exemplars. */
export function printAsOpenMetrics(registry: Registry<RegistryContentType>): void {
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
}

/** What is told of every process: CPU, memory, event loop, garbage collection, and which version of Gantry it runs. */
export function exposeProcess(registry: MetricsRegistry, version: string): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gantry_build_info',
    help: '1, for the version of Gantry that this process runs.',
    labelNames: ['version'] as const,
    aggregator: 'first',
    registers: [registry],
  }).set({ version }, 1);
}
