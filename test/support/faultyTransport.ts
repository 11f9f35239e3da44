import { type Clock, type Random, sleep } from '../../src/base/index.js';
import type { ApiRequest, ApiResponse, Transport } from '../../src/kube/index.js';

export interface FaultOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Share of the requests that fail, as long as `active` says so. */
  readonly rate: number;
  readonly active: () => boolean;
}

/** Longest delay of a request and longest life of a watch, in milliseconds, while faults are active. */
const MAX_DELAY_MS = 300;
const MAX_WATCH_MS = 20_000;

/**
 * The inner transport behind a bad network and a bad server: delays, connections refused, answers lost after the request
 * was carried out, 500 and 429 answers, watches that break. One seed is one history.
 */
export function faultyTransport(inner: Transport, options: FaultOptions): Transport {
  const { clock, random, rate, active } = options;
  return {
    async send(request) {
      if (!active()) return inner.send(request);
      await sleep(clock, random.next() * MAX_DELAY_MS, request.signal);
      const fault = random.next() < rate ? Math.floor(random.next() * 4) : undefined;
      if (fault === 0) throw connectionError('ECONNREFUSED');
      if (fault === 1) return failure(500, {});
      if (fault === 2) return failure(429, { 'retry-after': '1' });
      const response = await inner.send(request);
      if (fault === 3) throw connectionError('ECONNRESET');
      return request.path.includes('watch=') ? breaking(response, request, options) : response;
    },
  };
}

function connectionError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

function failure(status: number, headers: Readonly<Record<string, string>>): ApiResponse {
  return { status, headers, body: pieces('upstream failure') };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function breaking(response: ApiResponse, request: ApiRequest, { clock, random }: FaultOptions): ApiResponse {
  const endsAt = clock.monotonic() + random.next() * MAX_WATCH_MS;
  async function* body(): AsyncGenerator<Uint8Array> {
    const iterator = response.body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const broken = sleep(clock, endsAt - clock.monotonic(), request.signal).then(() => undefined);
        const next = await Promise.race([iterator.next(), broken]);
        if (next === undefined) throw connectionError('ECONNRESET');
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      void iterator.return?.();
    }
  }
  return { ...response, body: body() };
}
