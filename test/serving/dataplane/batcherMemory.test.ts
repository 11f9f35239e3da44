import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { tuneV8 } from '../../../src/cli/v8Flags.js';
import { Batcher } from '../../../src/serving/dataplane/batcher.js';
import { CACHE_AS_CONFIGURED, ModelStatistics } from '../../../src/serving/dataplane/index.js';
import type { LoadedModel } from '../../../src/serving/runtime/index.js';
import { VirtualClock } from '../../support/virtualClock.js';

tuneV8();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void;

const BATCH = 32;
let runs = 0;

/** Gives back what it is given. */
const echo: LoadedModel = {
  lanes: 1,
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  },
  run: async (inputs) => {
    if (runs++ % 20 === 0) collect({ type: 'minor' });
    return inputs;
  },
  release: async () => {},
};

function oldSpaceBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0;
}

it('what has been answered is collected with what is young, and does not grow old', async () => {
  const batcher = new Batcher({
    model: echo,
    maxRows: BATCH,
    maxQueue: 1000,
    clock: new VirtualClock(),
    statistics: new ModelStatistics(),
    defer: setImmediate,
  });
  const askBatches = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const x = { name: 'x', datatype: 'FP32', shape: [1, 1], data: new Float32Array(1) } as const;
      const request = { inputs: [x], outputs: [], binaryOutputs: false, parameters: {} };
      const context = { deadline: 1000, cache: CACHE_AS_CONFIGURED };
      await Promise.all(Array.from({ length: BATCH }, () => batcher.predict(request, context)));
    }
  };
  const bytesPerRequest = async () => {
    collect({ type: 'major' });
    const before = oldSpaceBytes();
    await askBatches(400);
    return (oldSpaceBytes() - before) / (400 * BATCH);
  };
  const rounds: number[] = [];
  for (let i = 0; i < 5; i++) rounds.push(await bytesPerRequest());
  rounds.sort((a, b) => a - b);
  // The batch at hand may grow old; and while the whole heap is being marked, everything does: hence the median.
  expect(rounds[2]).toBeLessThan(50);
});
