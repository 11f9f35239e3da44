import {
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
} from 'prom-client';
import type { MetricsRegistry } from '../base/index.js';

/*
 * Several queues, controllers and informers share one metric, told apart by a label: the first one registers it, the
 * others find it. Without a registry there is nothing to count.
 */

export function counter<L extends string>(
  registry: MetricsRegistry | undefined,
  configuration: Omit<CounterConfiguration<L>, 'registers'>,
): Counter<L> | undefined {
  if (registry === undefined) return undefined;
  const existing = registry.getSingleMetric(configuration.name);
  if (existing !== undefined) return existing as Counter<L>;
  return new Counter<L>({ ...configuration, registers: [registry] });
}

export function gauge<L extends string>(
  registry: MetricsRegistry | undefined,
  configuration: Omit<GaugeConfiguration<L>, 'registers' | 'collect'>,
): Gauge<L> | undefined {
  if (registry === undefined) return undefined;
  const existing = registry.getSingleMetric(configuration.name);
  if (existing !== undefined) return existing as Gauge<L>;
  return new Gauge<L>({ ...configuration, registers: [registry] });
}

export function histogram<L extends string>(
  registry: MetricsRegistry | undefined,
  configuration: Omit<HistogramConfiguration<L>, 'registers'>,
): Histogram<L> | undefined {
  if (registry === undefined) return undefined;
  const existing = registry.getSingleMetric(configuration.name);
  if (existing !== undefined) return existing as Histogram<L>;
  return new Histogram<L>({ ...configuration, registers: [registry] });
}
