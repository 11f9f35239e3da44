import { Buffer } from 'node:buffer';
import type { InferenceResponse } from '../../../../src/serving/protocol/inference.js';
import type { Tensor } from '../../../../src/serving/protocol/tensor.js';
import {
  type EncodedResponse,
  encodeInferResponse,
} from '../../../../src/serving/protocol/v2/encodeResponse.js';

const y: Tensor = { name: 'y', datatype: 'FP32', shape: [2, 1], data: Float32Array.of(0.1, NaN) };
const label: Tensor = {
  name: 'label',
  datatype: 'INT64',
  shape: [1],
  data: BigInt64Array.of(-9007199254740993n),
};
const text: Tensor = {
  name: 't',
  datatype: 'BYTES',
  shape: [2],
  data: [Buffer.from('a"ü\n'), Buffer.from('')],
};

function encode(
  outputs: readonly Tensor[],
  binary: readonly string[] = [],
  more: Partial<InferenceResponse> = {},
): EncodedResponse {
  const encoded = encodeInferResponse(
    { modelName: 'm', modelVersion: '1', outputs, ...more },
    { outputs: outputs.map(({ name }) => ({ name, binary: binary.includes(name) })), binaryOutputs: false },
  );
  if (!encoded.ok) throw new Error(encoded.error.message);
  return encoded.value;
}

const bytesOf = (encoded: EncodedResponse) => Buffer.concat(encoded.chunks);

describe('a JSON response', () => {
  test('is written in full, numbers exact and as short as they can be', () => {
    const encoded = encode([y, label, text], [], { id: 'r"1', parameters: { a: true } });
    expect(bytesOf(encoded).toString()).toBe(
      '{"id":"r\\"1","model_name":"m","model_version":"1","parameters":{"a":true},"outputs":[' +
        '{"name":"y","datatype":"FP32","shape":[2,1],"data":[0.1,NaN]},' +
        '{"name":"label","datatype":"INT64","shape":[1],"data":[-9007199254740993]},' +
        '{"name":"t","datatype":"BYTES","shape":[2],"data":["a\\"ü\\n",""]}]}',
    );
    expect(encoded.contentType).toBe('application/json');
    expect(encoded).not.toHaveProperty('headerLength');
  });

  test('writes booleans and empty tensors', () => {
    const flags: Tensor = { name: 'f', datatype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) };
    const none: Tensor = { name: 'n', datatype: 'FP32', shape: [0, 3], data: new Float32Array(0) };
    expect(bytesOf(encode([flags, none])).toString()).toContain(
      '[{"name":"f","datatype":"BOOL","shape":[2],"data":[true,false]},{"name":"n","datatype":"FP32","shape":[0,3],"data":[]}]',
    );
  });

  test.each<readonly [string, Tensor]>([
    ['FP16', { name: 'h', datatype: 'FP16', shape: [1], data: Uint16Array.of(1) }],
    ['bytes that are no text', { name: 'h', datatype: 'BYTES', shape: [1], data: [Buffer.of(0xff)] }],
  ])('has no form for %s', (_, tensor) => {
    const encoded = encodeInferResponse(
      { modelName: 'm', modelVersion: '1', outputs: [tensor] },
      { outputs: [], binaryOutputs: false },
    );
    expect(encoded).toMatchObject({ ok: false, error: { code: 'InvalidArgument' } });
  });

  test('grows beyond what it was expected to take', () => {
    const long: Tensor = {
      name: 'l',
      datatype: 'BYTES',
      shape: [3],
      data: [1, 2, 3].map(() => Buffer.alloc(5000, '"')),
    };
    const parsed = JSON.parse(
      bytesOf(encode([long, y, label]))
        .toString()
        .replace('NaN', '0'),
    ) as { outputs: { data: string[] }[] };
    expect(parsed.outputs[0]?.data).toEqual([1, 2, 3].map(() => '"'.repeat(5000)));
  });
});

describe('a response with binary outputs', () => {
  test('has the JSON first and then the bytes, in the order of the outputs, without copying them', () => {
    const encoded = encode([y, label, text], ['y', 't']);
    expect(encoded.contentType).toBe('application/octet-stream');
    const [json, ...blobs] = encoded.chunks;
    expect(encoded.headerLength).toBe(json?.byteLength);
    expect(Buffer.from(json as Uint8Array).toString()).toContain(
      '{"name":"y","datatype":"FP32","shape":[2,1],"parameters":{"binary_data_size":8}},{"name":"label"',
    );
    expect(blobs[0]?.buffer).toBe((y.data as Float32Array).buffer);
    expect(Buffer.from(blobs[1] as Uint8Array)).toEqual(
      Buffer.concat([Buffer.of(5, 0, 0, 0), Buffer.from('a"ü\n'), Buffer.of(0, 0, 0, 0)]),
    );
    expect(encoded.byteLength).toBe(bytesOf(encoded).byteLength);
  });

  test('writes a view of part of a larger buffer, and that part alone', () => {
    const part = new Float32Array(Float32Array.of(1, 2, 3).buffer, 4, 1);
    const encoded = encode([{ name: 'p', datatype: 'FP32', shape: [1], data: part }], ['p']);
    expect(Buffer.from(encoded.chunks[1] as Uint8Array)).toEqual(Buffer.from(Float32Array.of(2).buffer));
    const json = encode([{ name: 'p', datatype: 'FP32', shape: [1], data: part }]);
    expect(bytesOf(json).toString()).toContain('"data":[2]');
  });

  test('has a header length even where every output is empty', () => {
    const none: Tensor = { name: 'n', datatype: 'FP32', shape: [0], data: new Float32Array(0) };
    const encoded = encode([none], ['n']);
    expect(encoded.headerLength).toBe(encoded.byteLength);
    expect(encoded.chunks).toHaveLength(1);
  });
});
