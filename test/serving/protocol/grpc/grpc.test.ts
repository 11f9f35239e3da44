import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { decodeGrpcRequest } from '../../../../src/serving/protocol/grpc/decodeRequest.js';
import { encodeGrpcResponse } from '../../../../src/serving/protocol/grpc/encodeResponse.js';
import type { ModelInferResponse } from '../../../../src/serving/protocol/grpc/messages.js';
import { readInferRequest } from '../../../../src/serving/protocol/grpc/readInferRequest.js';
import { errorText } from '../../../../src/serving/protocol/status.js';
import { DATATYPES, type ModelSignature } from '../../../../src/serving/protocol/tensor.js';
import { inferRequestBytes } from '../../../support/inferRequest.js';
import { plain, signatureOf, tensors } from '../tensors.js';

type Message = Record<string, unknown>;

const decode = (message: Message, model: ModelSignature) =>
  decodeGrpcRequest(readInferRequest(inferRequestBytes(message)), model);

const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'INT16', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
};
const typed: Message = {
  model_name: 'm',
  id: '7',
  inputs: [
    {
      name: 'x',
      datatype: 'INT16',
      shape: ['1', '2'],
      contents: { int_contents: [1, -32768], fp32_contents: [] },
    },
  ],
  outputs: [{ name: 'y' }],
  parameters: {
    a: { int64_param: '5' },
    b: { bool_param: true },
    c: { string_param: 's' },
    d: { double_param: 0.5 },
  },
  raw_input_contents: [],
};
const raw: Message = {
  model_name: 'm',
  inputs: [{ name: 'x', datatype: 'INT16', shape: ['1', '2'] }],
  raw_input_contents: [Buffer.of(1, 0, 0, 128)],
};

function resend(response: ModelInferResponse): Message {
  const { outputs, raw_output_contents, model_name } = response;
  return {
    model_name,
    inputs: outputs.map((output) => ({ ...output, shape: output.shape.map(String) })),
    raw_input_contents: raw_output_contents,
  };
}

describe('a gRPC request', () => {
  test('has the same tensors typed and raw', () => {
    const fromTyped = decode(typed, signature);
    const fromRaw = decode(raw, signature);
    expect(fromTyped).toMatchObject({
      ok: true,
      value: { raw: false, request: { id: '7', parameters: { a: 5, b: true, c: 's', d: 0.5 } } },
    });
    expect(fromRaw).toMatchObject({ ok: true, value: { raw: true } });
    const inputs = [fromTyped, fromRaw].map((decoded) =>
      decoded.ok ? decoded.value.request.inputs : undefined,
    );
    expect(inputs[0]).toEqual(inputs[1]);
    expect(inputs[0]?.[0]?.data).toEqual(Int16Array.of(1, -32768));
  });

  test.each<readonly [string, Message, RegExp]>([
    [
      'raw and typed contents',
      { raw_input_contents: [Buffer.of(1, 0, 0, 128)] },
      /^inputs\[0\]\.contents: .*exactly one/,
    ],
    ['more blobs than inputs', { raw_input_contents: [Buffer.of(), Buffer.of()] }, /2 blobs for 1 inputs/],
    [
      'an unknown datatype',
      { inputs: [{ name: 'x', datatype: 'int16', shape: [1, 2] }] },
      /"int16" is no datatype/,
    ],
    [
      'a negative dimension',
      { inputs: [{ name: 'x', datatype: 'INT16', shape: ['-1', '2'] }] },
      /0 or more, not -1/,
    ],
    ['an unknown input', { inputs: [{ name: 'z', datatype: 'INT16', shape: [1, 2] }] }, /no input "z"/],
    ['no inputs', { inputs: [] }, /needs the input "x"/],
    ['an unknown output', { outputs: [{ name: 'q' }] }, /no output "q"/],
    [
      'classes instead of an output',
      { outputs: [{ name: 'y', parameters: { classification: { int64_param: '1' } } }] },
      /^outputs\[0\]\.parameters\.classification: .*not supported/,
    ],
    [
      'an output into shared memory',
      { outputs: [{ name: 'y', parameters: { shared_memory_region: { string_param: 'r' } } }] },
      /^outputs\[0\]\.parameters\.shared_memory_region: .*not supported/,
    ],
    ['no contents', { inputs: [{ name: 'x', datatype: 'INT16', shape: [1, 2] }] }, /needs 2 elements, not 0/],
    [
      'contents in another field',
      { inputs: [{ name: 'x', datatype: 'INT16', shape: [1, 2], contents: { fp32_contents: [1, 2] } }] },
      /INT16 goes into int_contents, not into fp32_contents/,
    ],
    [
      'a value out of range',
      { inputs: [{ name: 'x', datatype: 'INT16', shape: [1, 2], contents: { int_contents: [1, 32768] } }] },
      /32768 at index 1 is out of the range of INT16/,
    ],
  ])('is refused with %s', (_, change, expected) => {
    const decoded = decode({ ...typed, ...change }, signature);
    expect(decoded).toMatchObject({ ok: false, error: { code: 'InvalidArgument' } });
    expect(decoded.ok ? '' : errorText(decoded.error)).toMatch(expected);
  });

  test('is refused with typed FP16, which has no field', () => {
    const half: ModelSignature = { ...signature, inputs: [{ name: 'x', datatype: 'FP16', shape: [-1] }] };
    const decoded = decode({ model_name: 'm', inputs: [{ name: 'x', datatype: 'FP16', shape: [0] }] }, half);
    expect(decoded.ok ? '' : errorText(decoded.error)).toMatch(/FP16 has no typed contents/);
  });
});

describe('tensors of every datatype', () => {
  test.each([
    ['raw', true, DATATYPES],
    ['typed', false, DATATYPES.filter((datatype) => datatype !== 'FP16' && datatype !== 'BF16')],
  ])('come back %s as they were', (_, isRaw, datatypes) => {
    fc.assert(
      fc.property(tensors(datatypes), (given) => {
        const response = encodeGrpcResponse({ modelName: 'm', modelVersion: '1', outputs: given }, isRaw);
        const decoded = decode(resend(response), signatureOf(given));
        if (!decoded.ok) throw new Error(errorText(decoded.error));
        expect(decoded.value.request.inputs.map(plain)).toEqual(given.map(plain));
        expect(decoded.value.raw).toBe(isRaw);
      }),
      { numRuns: 300 },
    );
  });

  test('are all raw when one of them has no typed form', () => {
    const outputs = [
      { name: 'h', datatype: 'FP16', shape: [1], data: Uint16Array.of(1) },
      { name: 'y', datatype: 'FP32', shape: [1], data: Float32Array.of(1) },
    ] as const;
    const response = encodeGrpcResponse({ modelName: 'm', modelVersion: '1', outputs }, false);
    expect(response.raw_output_contents).toHaveLength(2);
    expect(response.outputs.some((output) => 'contents' in output)).toBe(false);
  });
});
