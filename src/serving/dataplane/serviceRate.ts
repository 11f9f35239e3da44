/** How fast a model gets through its requests, from the runs themselves: idle time says nothing about that. */
const WEIGHT = 0.1;

/** Bounds of what a client is told: at least a second, since that is the header's unit, and never to stay away for long. */
const SHORTEST_S = 1;
const LONGEST_S = 60;

export class ServiceRate {
  readonly #lanes: number;
  #requests = 0;
  #seconds = 0;

  /** `lanes`: runs that go on at the same time. */
  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  /** A run of `requests` requests took `ms`. */
  observe(requests: number, ms: number): void {
    const weight = this.#seconds === 0 ? 1 : WEIGHT;
    this.#requests += (requests - this.#requests) * weight;
    this.#seconds += (ms / 1000 - this.#seconds) * weight;
  }

  /** Requests a second at full load; undefined before the first run. */
  get perSecond(): number | undefined {
    return this.#seconds > 0 ? (this.#lanes * this.#requests) / this.#seconds : undefined;
  }

  /** Whole seconds until `ahead` requests are through, for Retry-After. */
  secondsFor(ahead: number): number {
    const rate = this.perSecond;
    const seconds = rate === undefined ? SHORTEST_S : Math.ceil(ahead / rate);
    return Math.min(Math.max(seconds, SHORTEST_S), LONGEST_S);
  }
}
