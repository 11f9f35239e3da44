/** What one model did, in plain numbers: counting costs nanoseconds, and whoever scrapes reads them. */

export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
}

/** Cumulative counts by upper bound, as Prometheus histograms are. */
export class Distribution {
  readonly bounds: readonly number[];
  /** One per bound and one for everything above; not cumulative. */
  readonly counts: number[];
  sum = 0;
  count = 0;
  /** The latest value of each bucket that leads to a trace; empty until there is one. */
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bucket = this.#bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
  }

  /** Remembers a value that was observed. */
  exemplify(value: number, traceId: string, timestamp: number): void {
    this.exemplars[this.#bucketOf(value)] = { traceId, value, timestamp };
  }

  #bucketOf(value: number): number {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    return bucket;
  }
}

/** From 10 us, since small models run in less than 20, to the longest time limit that makes sense. */
const SECONDS = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
  0.5, 1, 2.5, 5, 10,
];

export class ModelStatistics {
  /** Predictions answered, by what became of them: `ok` or the InferenceError's code. */
  readonly outcomes = new Map<string, number>();
  /** From the data plane's door to its answer, in seconds. */
  readonly latency = new Distribution(SECONDS);
  /** Waiting for a batch, in seconds. */
  readonly queued = new Distribution(SECONDS);
  /** One run of the model, in seconds. */
  readonly run = new Distribution(SECONDS);
  /** Rows in one run. */
  readonly batchRows = new Distribution([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  readonly #asked = new Map<string, number>();
  #bypasses = 0;
  rows = 0;
  /** Bytes of request bodies as read, after unpacking, and of the bodies of good answers, before packing. */
  bytesIn = 0;
  bytesOut = 0;
  /** Requests waiting now. */
  queueLength = 0;
  /** Requests that may be waiting or running now; 0 where latency does not decide that. */
  concurrencyLimit = 0;
  lastPredictionAt = 0;

  countOutcome(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  /** By `hit` (with its tier), `miss`, `collapsed`, `bypass`. */
  get cache(): ReadonlyMap<string, number> {
    return this.#bypasses === 0 ? this.#asked : new Map([...this.#asked, ['bypass', this.#bypasses]]);
  }

  countCache(what: string): void {
    this.#asked.set(what, (this.#asked.get(what) ?? 0) + 1);
  }

  /** Of requests that are not worth a lookup, which do not pay for one in a Map either. */
  countBypass(): void {
    this.#bypasses++;
  }
}
