/** One registry for the pod out of what each of its processes counted. */
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client';
import { type MetricsRegistry, printAsOpenMetrics } from '../../base/metrics/index.js';

interface Exemplar {
  readonly timestamp?: number;
}

/** As prom-client prints it in OpenMetrics' format; its types leave the exemplar out. */
type Value = MetricValueWithName<string> & { exemplar?: Exemplar | null };
type Metric = MetricObjectWithValues<Value>;

/**
 * @param ofProcesses `getMetricsAsJSON` of each
 * @param exemplars whether the page is in OpenMetrics' format, and leads to traces: of each bucket the latest
 */
export function sumOfProcesses(ofProcesses: readonly object[], exemplars: boolean): MetricsRegistry {
  const metrics = ofProcesses as readonly Metric[][];
  if (!exemplars) return aggregated(metrics);
  const named = metrics.map((ofProcess) => ofProcess.map(withoutSuffix));
  const sum = aggregated(named);
  const latest = latestExemplars(named.flat());
  for (const metric of sum.getMetricsAsArray() as unknown as readonly { get(): Metric }[])
    for (const value of metric.get().values) {
      const exemplar = latest.get(keyOf(value));
      if (exemplar !== undefined) value.exemplar = exemplar;
    }
  printAsOpenMetrics(sum);
  return sum;
}

/** prom-client's types take the metrics of one process for those of all. */
function aggregated(metrics: readonly (readonly Metric[])[]): MetricsRegistry {
  return AggregatorRegistry.aggregate(metrics as unknown as Metric[]);
}

/** Printing in OpenMetrics' format puts the suffix of counters there; a registry that was printed has lost it. */
function withoutSuffix(metric: Metric): Metric {
  return String(metric.type) === 'counter' ? { ...metric, name: metric.name.replace(/_total$/, '') } : metric;
}

function latestExemplars(metrics: readonly Metric[]): ReadonlyMap<string, Exemplar> {
  const latest = new Map<string, Exemplar>();
  for (const value of metrics.flatMap(({ values }) => values)) {
    if (value.exemplar === undefined || value.exemplar === null) continue;
    const before = latest.get(keyOf(value));
    if ((before?.timestamp ?? 0) <= (value.exemplar.timestamp ?? 0)) latest.set(keyOf(value), value.exemplar);
  }
  return latest;
}

function keyOf({ metricName, labels }: Value): string {
  return JSON.stringify([metricName, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
