import { Buffer } from 'node:buffer';
import { errorText } from '../../../../src/serving/protocol/status.js';
import type { ModelSignature, Tensor } from '../../../../src/serving/protocol/tensor.js';
import { decodeV1Request, type V1Request } from '../../../../src/serving/protocol/v1/decodeRequest.js';
import { encodeV1Response } from '../../../../src/serving/protocol/v1/encodeResponse.js';

const one: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
};
const two: ModelSignature = {
  inputs: [
    { name: 'id', datatype: 'INT64', shape: [-1] },
    { name: 'x', datatype: 'FP32', shape: [-1, 2] },
  ],
  outputs: one.outputs,
};

function accept(body: string, signature: ModelSignature): V1Request {
  const decoded = decodeV1Request(Buffer.from(body), signature);
  if (!decoded.ok) throw new Error(errorText(decoded.error));
  return decoded.value;
}

function refusal(body: string, signature: ModelSignature): string {
  const decoded = decodeV1Request(Buffer.from(body), signature);
  if (decoded.ok) throw new Error('the request was accepted');
  expect(decoded.error.code).toBe('InvalidArgument');
  return errorText(decoded.error);
}

describe('a V1 request', () => {
  test('in rows of bare values is the only input', () => {
    const { request, form } = accept('{"signature_name":"s","instances":[[1,2],[3,NaN]]}', one);
    expect(form).toBe('rows');
    expect(request.inputs).toEqual([
      { name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 3, NaN) },
    ]);
  });

  test('in rows of objects has every input, integers exact', () => {
    const { request } = accept(
      '{"instances":[{"x":[1,2],"id":9007199254740993},{"id": -1 ,"x":[3,4]}]}',
      two,
    );
    expect(request.inputs).toEqual([
      { name: 'id', datatype: 'INT64', shape: [2], data: BigInt64Array.of(9007199254740993n, -1n) },
      { name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    ]);
  });

  test.each([
    ['bare', '{"inputs":[[1,2]]}'],
    ['named', '{"inputs":{"x":[[1,2]]}}'],
  ])('in columns may be %s', (_, body) => {
    const { request, form } = accept(body, one);
    expect(form).toBe('columns');
    expect(request.inputs[0]?.data).toEqual(Float32Array.of(1, 2));
  });

  test('takes strings', () => {
    const signature = { ...one, inputs: [{ name: 's', datatype: 'BYTES', shape: [-1] } as const] };
    const { request } = accept('{"instances":["a]","b\\n"]}', signature);
    expect((request.inputs[0]?.data as Uint8Array[]).map((bytes) => Buffer.from(bytes).toString())).toEqual([
      'a]',
      'b\n',
    ]);
  });

  test.each<readonly [string, string, ModelSignature, RegExp]>([
    ['neither form', '{}', one, /needs "instances" \(rows\) or "inputs" \(columns\)/],
    ['both forms', '{"instances":[[1,2]],"inputs":[[1,2]]}', one, /exactly one/],
    ['the same form twice', '{"instances":[[1,2]],"instances":[[1,2]]}', one, /exactly one/],
    ['no rows', '{"instances":[]}', one, /^instances: it has no rows/],
    ['rows that are no array', '{"instances":5}', one, /array of rows/],
    [
      'rows of another length',
      '{"instances":[[1,2,3]]}',
      one,
      /^instances: the shape of "x" is \[-1,2\], not \[1,3\]/,
    ],
    ['rows of unequal length', '{"instances":[[1,2],[3]]}', one, /axis 1/],
    ['deeper rows', '{"instances":[[[1],[2]]]}', one, /not \[1,2,1\]/],
    [
      'bare rows for a model with two inputs',
      '{"instances":[[1,2]]}',
      two,
      /objects with the members "id", "x"/,
    ],
    ['an unknown input', '{"inputs":{"q":[1]}}', one, /no input "q"/],
    ['a missing input', '{"inputs":{"id":[1]}}', two, /needs the input "x"/],
    [
      'a missing input in a row',
      '{"instances":[{"id":1,"x":[1,2]},{"id":1}]}',
      two,
      /^instances\[1\]: the input "x" is missing/,
    ],
    ['an input twice in a row', '{"instances":[{"id":1,"id":2,"x":[1,2]}]}', two, /twice/],
    [
      'rows of both kinds',
      '{"instances":[{"id":1,"x":[1,2]},[1,2]]}',
      two,
      /^instances\[1\]: it must be an object/,
    ],
    ['a value that is no number', '{"instances":[["a",2]]}', one, /malformed JSON/],
    [
      'a value that is no number in a row',
      '{"instances":[{"id":"a","x":[1,2]}]}',
      two,
      /^instances\[\*\]\.id: malformed JSON/,
    ],
    ['brackets that do not match', '{"instances":[[1,2}}', one, /malformed JSON/],
    ['a number cut by a bracket', '{"instances":[[1,2],[3,4}]}', one, /malformed JSON/],
    ['something behind', '{"instances":[[1,2]]}x', one, /end of the document/],
    ['an integer out of range', '{"inputs":{"id":[9223372036854775808],"x":[[1,2]]}}', two, /INT64/],
  ])('is refused with %s', (_, body, signature, expected) => {
    expect(refusal(body, signature)).toMatch(expected);
  });

  test('is refused for a model whose answer does not travel in JSON', () => {
    const signature = { ...one, outputs: [{ name: 'h', datatype: 'FP16', shape: [-1] } as const] };
    expect(refusal('{"instances":[[1,2]]}', signature)).toMatch(/FP16/);
  });
});

describe('a V1 response', () => {
  const y: Tensor = { name: 'y', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(0.1, 2, 3, 4) };
  const label: Tensor = {
    name: 'label',
    datatype: 'INT64',
    shape: [2],
    data: BigInt64Array.of(9007199254740993n, 0n),
  };
  const scalar: Tensor = { name: 's', datatype: 'FP32', shape: [], data: Float32Array.of(7) };

  function encode(outputs: readonly Tensor[], form: 'rows' | 'columns'): string {
    const encoded = encodeV1Response({ modelName: 'm', modelVersion: '1', outputs }, form);
    return encoded.ok ? encoded.value.toString() : errorText(encoded.error);
  }

  test.each<readonly [string, readonly Tensor[], 'rows' | 'columns', string]>([
    ['rows of one output', [y], 'rows', '{"predictions":[[0.1,2],[3,4]]}'],
    ['rows of scalars', [label], 'rows', '{"predictions":[9007199254740993,0]}'],
    [
      'rows of several outputs',
      [y, label],
      'rows',
      '{"predictions":[{"y":[0.1,2],"label":9007199254740993},{"y":[3,4],"label":0}]}',
    ],
    ['columns of one output', [y], 'columns', '{"outputs":[[0.1,2],[3,4]]}'],
    [
      'columns of several outputs',
      [label, scalar],
      'columns',
      '{"outputs":{"label":[9007199254740993,0],"s":7}}',
    ],
  ])('has %s', (_, outputs, form, text) => {
    expect(encode(outputs, form)).toBe(text);
  });

  test('has no rows where an output has none', () => {
    expect(encode([y, scalar], 'rows')).toMatch(/does not have one row per instance: use the column form/);
  });
});
