import { describe, expect, it } from '@jest/globals';
import { Histogram } from 'prom-client';
import { createMetricsRegistry, printAsOpenMetrics } from '../../../src/base/metrics/index.js';
import { Distribution } from '../../../src/serving/dataplane/index.js';
import { sumOfProcesses } from '../../../src/serving/processes/podMetrics.js';
import { ReadHistogram } from '../../../src/serving/telemetry/metrics/readHistogram.js';
import { readCounter, readGauge, single } from '../../../src/serving/telemetry/metrics/readMetrics.js';

interface Exemplar {
  readonly value: number;
  readonly traceId: string;
  readonly timestamp: number;
}

/** What a process counted that answered `values`, some of which lead to traces. */
function processOf(values: readonly number[], exemplars: readonly Exemplar[] = []) {
  const registry = createMetricsRegistry();
  const seconds = new Distribution([0.1, 1]);
  for (const value of values) seconds.observe(value);
  for (const { value, traceId, timestamp } of exemplars) seconds.exemplify(value, traceId, timestamp);
  const labels = { model: 'm', version: '1' };
  registry.registerMetric(new ReadHistogram({ name: 'seconds', help: 'S.' }, () => [[labels, seconds]]));
  readCounter(
    registry,
    { name: 'answers_total', help: 'A.' },
    [],
    single(() => values.length),
  );
  readGauge(
    registry,
    { name: 'ready', help: 'R.', aggregator: 'min' },
    [],
    single(() => 1),
  );
  // One of prom-client's own, which has no exemplars.
  new Histogram({ name: 'others', help: 'O.', registers: [registry] }).observe(1);
  return registry;
}

/** As another process sends it. */
const sent = (metrics: unknown) => JSON.parse(JSON.stringify(metrics)) as object;

describe('the metrics of a pod', () => {
  it('are what its processes counted together', async () => {
    const processes = [processOf([0.05, 0.5]), processOf([5])];
    const page = await sumOfProcesses(
      await Promise.all(processes.map(async (each) => sent(await each.getMetricsAsJSON()))),
      false,
    ).metrics();
    expect(page).toContain('seconds_bucket{le="0.1",model="m",version="1"} 1\n');
    expect(page).toContain('seconds_bucket{le="+Inf",model="m",version="1"} 3\n');
    expect(page).toContain('answers_total 3\n');
    expect(page).toContain('ready 1\n');
  });

  it('lead to the latest trace of each bucket, whichever process has it', async () => {
    const processes = [
      processOf(
        [0.05, 0.5],
        [
          { value: 0.05, traceId: 'old', timestamp: 1 },
          { value: 0.5, traceId: 'one', timestamp: 9 },
        ],
      ),
      processOf([0.06], [{ value: 0.06, traceId: 'new', timestamp: 2 }]),
    ];
    for (const each of processes) printAsOpenMetrics(each);
    // The first process was asked before there was another one.
    await processes[0]?.metrics();
    const metrics = await Promise.all(processes.map(async (each) => sent(await each.getMetricsAsJSON())));
    const sum = sumOfProcesses(metrics, true);
    expect(sum.contentType).toContain('openmetrics');
    const page = await sum.metrics();
    expect(page).toContain('seconds_bucket{le="0.1",model="m",version="1"} 2 # {trace_id="new"} 0.06 2\n');
    expect(page).toContain('seconds_bucket{le="1",model="m",version="1"} 3 # {trace_id="one"} 0.5 9\n');
    expect(page).toContain('seconds_bucket{le="+Inf",model="m",version="1"} 3\n');
    expect(page).toContain('answers_total 3\n');
    expect(page).not.toContain('_total_total');
    expect(page).toMatch(/# EOF\n$/);
  });
});
