import { Histogram, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client';
import type { Distribution } from '../../dataplane/index.js';
import type { Labels, MetricText } from './readMetrics.js';

type Read = () => readonly (readonly [labels: Labels, distribution: Distribution])[];

/** As prom-client prints it in OpenMetrics' format; its types leave it out. */
interface PrintedExemplar {
  readonly labelSet: Labels;
  readonly value: number;
  readonly timestamp: number;
}

type BucketValue = MetricValueWithName<string> & { readonly exemplar?: PrintedExemplar };

/** A histogram whose counts are kept elsewhere: prom-client can only observe values one by one. */
export class ReadHistogram extends Histogram<string> {
  readonly #read: Read;
  readonly #name: string;
  /** Gives what describes a histogram. */
  readonly #empty: Histogram<string>;

  constructor(text: MetricText, read: Read) {
    super({ ...text, registers: [] });
    this.#name = text.name;
    this.#empty = new Histogram({ ...text, registers: [] });
    this.#read = read;
  }

  override get(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    return this.getForPromString();
  }

  /** What prom-client's text format reads; its types leave it out. */
  async getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    const values = this.#read().flatMap(([labels, distribution]) => this.#valuesOf(labels, distribution));
    return { ...(await this.#empty.get()), values };
  }

  #valuesOf(labels: Labels, distribution: Distribution): MetricValueWithName<string>[] {
    let cumulative = 0;
    const buckets = distribution.counts.map((count, bucket): BucketValue => {
      cumulative += count;
      const le = distribution.bounds[bucket] ?? '+Inf';
      const value = { metricName: `${this.#name}_bucket`, labels: { le, ...labels }, value: cumulative };
      const exemplar = distribution.exemplars[bucket];
      if (exemplar === undefined) return value;
      const { traceId, ...observed } = exemplar;
      return { ...value, exemplar: { labelSet: { trace_id: traceId }, ...observed } };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: distribution.sum },
      { metricName: `${this.#name}_count`, labels, value: distribution.count },
    ];
  }
}
