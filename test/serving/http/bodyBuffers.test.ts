import { describe, expect, it } from '@jest/globals';
import { BodyBuffers } from '../../../src/serving/http/bodyBuffers.js';
import type { Tensor } from '../../../src/serving/protocol/tensor.js';

const MEBIBYTE = 2 ** 20;
const copied: Tensor = { name: 'x', datatype: 'FP32', shape: [2], data: Float32Array.of(1, 2) };

describe('buffers of large bodies', () => {
  it('are used again by bodies of about their size', () => {
    const buffers = new BodyBuffers();
    const first = buffers.take(3 * MEBIBYTE);
    buffers.give(first);
    expect(buffers.take(MEBIBYTE).buffer).not.toBe(first.buffer);
    const second = buffers.take(2 * MEBIBYTE);
    expect(second.buffer).toBe(first.buffer);
    expect(second.length).toBe(3 * MEBIBYTE);
  });

  it('have one body at a time, however often they are given back', () => {
    const buffers = new BodyBuffers();
    const first = buffers.take(MEBIBYTE);
    buffers.give(first);
    buffers.give(first);
    expect(buffers.take(MEBIBYTE).buffer).toBe(first.buffer);
    expect(buffers.take(MEBIBYTE).buffer).not.toBe(first.buffer);
  });

  it('stay with a body that its tensors are read from', () => {
    const body = new BodyBuffers();
    const first = body.take(MEBIBYTE);
    const view = new Float32Array(first.buffer, 0, 2) as Float32Array<ArrayBuffer>;
    body.giveDecoded(first, [copied, { ...copied, data: view }]);
    expect(body.take(MEBIBYTE).buffer).not.toBe(first.buffer);
    body.giveDecoded(first, [{ name: 's', datatype: 'BYTES', shape: [1], data: [first.subarray(0, 3)] }]);
    expect(body.take(MEBIBYTE).buffer).not.toBe(first.buffer);
    body.giveDecoded(first, [copied]);
    expect(body.take(MEBIBYTE).buffer).toBe(first.buffer);
  });

  it('are not those of others, nor small ones', () => {
    const buffers = new BodyBuffers();
    const foreign = Buffer.allocUnsafeSlow(MEBIBYTE);
    buffers.give(foreign);
    expect(buffers.take(MEBIBYTE).buffer).not.toBe(foreign.buffer);
    const small = buffers.take(1024);
    buffers.give(small);
    expect(buffers.take(1024).buffer).not.toBe(small.buffer);
  });

  it('are kept up to 16 MiB in all, the latest first', () => {
    const buffers = new BodyBuffers();
    const all = Array.from({ length: 5 }, () => buffers.take(4 * MEBIBYTE));
    for (const one of all) buffers.give(one);
    const again = Array.from({ length: 5 }, () => buffers.take(4 * MEBIBYTE).buffer);
    expect(again.slice(0, 4)).toEqual(
      all
        .slice(1)
        .reverse()
        .map(({ buffer }) => buffer),
    );
    expect(again[4]).not.toBe(all[0]?.buffer);
    const huge = buffers.take(17 * MEBIBYTE);
    buffers.give(huge);
    expect(buffers.take(17 * MEBIBYTE).buffer).not.toBe(huge.buffer);
  });
});
