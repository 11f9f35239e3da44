/** Metrics whose numbers are kept elsewhere and read when somebody scrapes, so that a request pays nothing for labels. */
import { type Aggregator, Counter, Gauge } from 'prom-client';
import type { MetricsRegistry } from '../../../base/index.js';

export interface MetricText {
  readonly name: string;
  readonly help: string;
  /** How the processes of one pod become one number; the sum when not given. */
  readonly aggregator?: Aggregator;
}

export type Labels = Readonly<Record<string, string | number>>;

export type Sample = readonly [labels: Labels, value: number];

export function readGauge(
  registry: MetricsRegistry,
  text: MetricText,
  labelNames: readonly string[],
  read: () => readonly Sample[],
): void {
  const gauge: Gauge = new Gauge({
    ...text,
    labelNames,
    registers: [registry],
    collect: () => {
      gauge.reset();
      for (const [labels, value] of read()) gauge.set(labels, value);
    },
  });
}

export function readCounter(
  registry: MetricsRegistry,
  text: MetricText,
  labelNames: readonly string[],
  read: () => readonly Sample[],
): void {
  const counter: Counter = new Counter({
    ...text,
    labelNames,
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [labels, value] of read()) counter.inc(labels, value);
    },
  });
}

/** One sample without labels. */
export function single(read: () => number): () => readonly Sample[] {
  return () => [[{}, read()]];
}
