/** A model whose answers tell when they were computed, and what clients see of the cache in front of it. */
import { expect } from '@jest/globals';
import type { LoadedModel, Runtime } from '../../src/serving/runtime/index.js';
import { eventually as until } from './eventually.js';
import type { TestServer } from './serving.js';

export const eventually = (expectation: () => void | Promise<void>) =>
  until('what is expected', async () => {
    await expectation();
    return true;
  });

const signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
} as const;

/** y = x + what the model says now: after a purge it says something else. Slower than Redis. */
export class Changing implements Runtime {
  says = 1;
  /** Predictions of 100 and more wait until it is called. */
  finish: () => void = () => {};
  runs = 0;
  /** First values of the inputs of every run. */
  readonly computed: number[] = [];
  readonly #ms: number;

  /** `ms`: what a run takes. */
  constructor(ms = 20) {
    this.#ms = ms;
  }

  async load(): Promise<LoadedModel> {
    return {
      signature,
      lanes: 8,
      run: async ([x]) => {
        if (x === undefined) throw new Error('no input');
        const says = this.says;
        const data = x.data as Float32Array;
        this.computed.push(...data);
        if ((data[0] ?? 0) >= 100) {
          this.runs++;
          await new Promise<void>((resolve) => (this.finish = resolve));
        } else await new Promise((resolve) => setTimeout(resolve, this.#ms));
        return [{ ...x, name: 'y', data: data.map((value) => value + says) }];
      },
      release: async () => {},
    };
  }
}

export interface Seen {
  readonly y: number;
  readonly cache: string;
}

export async function ask({ url }: TestServer, x: number, version = '1', headers = {}): Promise<Seen> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }] });
  const response = await fetch(`${url}/v2/models/m/versions/${version}/infer`, {
    method: 'POST',
    body,
    headers,
  });
  const answer = (await response.json()) as { outputs: { data: number[] }[] };
  return { y: (answer.outputs[0]?.data[0] ?? NaN) - x, cache: response.headers.get('cache-status') ?? '' };
}

export async function purge({ url }: TestServer, path: string, headers = {}) {
  const response = await fetch(`${url}/v2/models/${path}/cache`, { method: 'DELETE', headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Whether what one pod computes is another's hit. */
export async function share(one: TestServer, other: TestServer, fresh: { value: number }): Promise<void> {
  await eventually(async () => {
    const x = (fresh.value += 0.25);
    await ask(one, x);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ask(other, x)).cache).toContain('redis');
  });
}
