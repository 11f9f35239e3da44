import { Buffer } from 'node:buffer';
import { decodeInferRequest } from '../../../../src/serving/protocol/v2/decodeRequest.js';
import { errorText } from '../../../../src/serving/protocol/status.js';
import type { InferenceRequest } from '../../../../src/serving/protocol/inference.js';
import type { Datatype, ModelSignature } from '../../../../src/serving/protocol/tensor.js';

const SIGNATURE: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [
    { name: 'y', datatype: 'FP32', shape: [-1, 1] },
    { name: 'label', datatype: 'INT64', shape: [-1] },
  ],
};

function oneInput(datatype: Datatype, shape: readonly number[] = [-1]): ModelSignature {
  return { inputs: [{ name: 'x', datatype, shape }], outputs: SIGNATURE.outputs };
}

function accept(body: string | Uint8Array, signature = SIGNATURE, headerLength?: string): InferenceRequest {
  const decoded = decodeInferRequest(Buffer.from(body), signature, { headerLength });
  if (!decoded.ok) throw new Error(errorText(decoded.error));
  return decoded.value;
}

function refusal(body: string | Uint8Array, signature = SIGNATURE, headerLength?: string): string {
  const decoded = decodeInferRequest(Buffer.from(body), signature, { headerLength });
  if (decoded.ok) throw new Error('the request was accepted');
  expect(decoded.error.code).toBe('InvalidArgument');
  return errorText(decoded.error);
}

const X = '"name":"x","datatype":"FP32","shape":[1,2]';

describe('a JSON request', () => {
  test('gives the tensor, the id, the parameters and the outputs', () => {
    const request = accept(
      `{"id":"7","parameters":{"a":1,"b":"c","d":true},"inputs":[{${X},"data":[1.5,-2]}],
        "outputs":[{"name":"label"},{"name":"y","parameters":{"binary_data":true}}]}`,
    );
    expect(request).toEqual({
      id: '7',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1.5, -2) }],
      outputs: [
        { name: 'label', binary: false },
        { name: 'y', binary: true },
      ],
      binaryOutputs: false,
      parameters: { a: 1, b: 'c', d: true },
    });
  });

  test.each([
    ['flat', '[1,2,3,4]'],
    ['nested', '[[1,2],[3,4]]'],
    ['nested with white space', ' [ [ 1 , 2 ] ,\n [ 3 , 4 ] ] '],
  ])('takes %s data', (_, data) => {
    const request = accept(`{"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":${data}}]}`);
    expect(request.inputs[0]?.data).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  test('takes the members of an input in any order', () => {
    const request = accept(
      '{"inputs":[{"data":[[1,2]],"shape":[1,2],"datatype":"FP32","name":"x"}],"id":"z"}',
    );
    expect(request.inputs[0]?.data).toEqual(Float32Array.of(1, 2));
    expect(request.id).toBe('z');
  });

  test('takes unknown members, null for what is optional, and escaped names', () => {
    const request = accept(
      `{"id":null,"outputs":null,"parameters":null,"model_name":"m","extra":{"a":[1,{"b":null}]},
        "inputs":[{"name":"\\u0078","datatype":"FP32","shape":[1,2],"parameters":null,"more":[],"data":[1,2]}]}`,
    );
    expect(request.inputs[0]?.name).toBe('x');
    expect(request).not.toHaveProperty('id');
  });

  test('lets binary_data of an output override binary_data_output, both ways', () => {
    const input = `"inputs":[{${X},"data":[1,2]}]`;
    const outputs = '"outputs":[{"name":"y","parameters":{"binary_data":false}},{"name":"label"}]';
    const request = accept(`{"parameters":{"binary_data_output":true},${input},${outputs}}`);
    expect(request.outputs).toEqual([
      { name: 'y', binary: false },
      { name: 'label', binary: true },
    ]);
    expect(request.parameters).toEqual({});
  });

  test('takes empty tensors, flat and nested', () => {
    for (const [shape, data] of [
      ['[0,2]', '[]'],
      ['[0,2]', ' [ ] '],
    ] as const) {
      const request = accept(`{"inputs":[{"name":"x","datatype":"FP32","shape":${shape},"data":${data}}]}`);
      expect(request.inputs[0]?.data).toEqual(new Float32Array(0));
    }
    const nested = accept(
      '{"inputs":[{"name":"x","datatype":"FP32","shape":[2,0],"data":[[],[]]}]}',
      oneInput('FP32', [-1, -1]),
    );
    expect(nested.inputs[0]?.data).toHaveLength(0);
  });

  test('takes a parameter called __proto__ as any other', () => {
    const { parameters } = accept(`{"parameters":{"__proto__":"a"},"inputs":[{${X},"data":[1,2]}]}`);
    expect(Object.entries(parameters)).toEqual([['__proto__', 'a']]);
  });
});

describe('the datatypes in JSON', () => {
  const values: readonly (readonly [Datatype, string, unknown])[] = [
    ['BOOL', '[true,false,1,0]', [1, 0, 1, 0]],
    ['UINT8', '[0,255]', [0, 255]],
    ['UINT16', '[0,65535]', [0, 65535]],
    ['UINT32', '[0,4294967295]', [0, 4294967295]],
    ['UINT64', '[0,18446744073709551615,9007199254740993]', [0n, 18446744073709551615n, 9007199254740993n]],
    ['INT8', '[-128,127,-0]', [-128, 127, 0]],
    ['INT16', '[-32768,32767]', [-32768, 32767]],
    ['INT32', '[-2147483648,2147483647,1.0,1e3]', [-2147483648, 2147483647, 1, 1000]],
    [
      'INT64',
      '[-9223372036854775808,9223372036854775807,-9007199254740993,-1,4294967296,1.0,2e3]',
      [-9223372036854775808n, 9223372036854775807n, -9007199254740993n, -1n, 4294967296n, 1n, 2000n],
    ],
    ['FP32', '[0.1,NaN,Infinity,-Infinity,-0]', [Math.fround(0.1), NaN, Infinity, -Infinity, -0]],
    ['FP64', '[0.1,9007199254740993,5e-324]', [0.1, 9007199254740992, 5e-324]],
  ];

  test.each(values)('%s takes %s', (datatype, data, expected) => {
    const count = (expected as unknown[]).length;
    const request = accept(
      `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[${count}],"data":${data}}]}`,
      oneInput(datatype),
    );
    expect(Array.from(request.inputs[0]?.data as ArrayLike<unknown>)).toEqual(expected);
  });

  test('BYTES takes strings with escapes, of other scripts, and of no length', () => {
    const request = accept(
      '{"inputs":[{"name":"x","datatype":"BYTES","shape":[2,2],"data":[["a\\n\\u00e9","ü"],["","\\ud83d\\ude00"]]}]}',
      oneInput('BYTES', [-1, -1]),
    );
    const texts = (request.inputs[0]?.data as Uint8Array[]).map((bytes) => Buffer.from(bytes).toString());
    expect(texts).toEqual(['a\né', 'ü', '', '😀']);
  });

  test.each<readonly [Datatype, string, RegExp]>([
    ['UINT8', '256', /256 at index 0 is no integer within the range of UINT8, 0 to 255/],
    ['UINT8', '-1', /UINT8/],
    ['UINT16', '65536', /UINT16/],
    ['UINT32', '4294967296', /UINT32/],
    ['UINT64', '18446744073709551616', /UINT64/],
    ['UINT64', '-1', /UINT64/],
    ['INT8', '128', /INT8/],
    ['INT8', '-129', /INT8/],
    ['INT16', '32768', /INT16/],
    ['INT32', '2147483648', /INT32/],
    ['INT32', '1.5', /INT32/],
    ['INT32', 'NaN', /malformed JSON/],
    ['INT64', '9223372036854775808', /INT64/],
    ['INT64', '-9223372036854775809', /INT64/],
    ['INT64', '1.5', /INT64/],
    ['INT64', '9007199254740992.0', /INT64/],
    ['INT64', '1e30', /INT64/],
    ['INT64', '01', /malformed JSON/],
    ['INT64', 'NaN', /malformed JSON/],
    ['INT64', '"1"', /malformed JSON/],
    ['BOOL', '2', /true or false/],
    ['BOOL', '"true"', /true or false/],
    ['BOOL', 'null', /true or false/],
    ['FP32', '1e39', /out of the range of FP32/],
    ['FP32', 'null', /malformed JSON/],
    ['FP32', '"NaN"', /malformed JSON/],
    ['FP64', '1e309', /out of the range of FP64/],
    ['BYTES', '1', /a string/],
    ['BYTES', '"\\ud800"', /lone surrogates/],
    ['BYTES', '"\\x"', /valid escapes/],
    ['BYTES', '"a\nb"', /control characters/],
    ['FP16', '1', /does not travel in JSON/],
    ['BF16', '1', /does not travel in JSON/],
  ])('%s refuses %s', (datatype, element, expected) => {
    const body = `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[1],"data":[${element}]}]}`;
    const message = refusal(body, oneInput(datatype));
    expect(message).toMatch(expected);
    expect(message).toMatch(/^inputs\[0\]\.data: /);
  });

  test('BYTES refuses invalid UTF-8', () => {
    const [head, tail] = ['{"inputs":[{"name":"x","datatype":"BYTES","shape":[1],"data":["', '"]}]}'];
    const body = Buffer.concat([Buffer.from(head), Buffer.of(0xc3, 0x28), Buffer.from(tail)]);
    expect(refusal(body, oneInput('BYTES'))).toMatch(/valid UTF-8/);
  });
});

describe('what is refused, with its place', () => {
  const input = (members: string) => `{"inputs":[{${members}}]}`;
  test.each<readonly [string, string, RegExp]>([
    ['an empty body', '', /empty/],
    ['no JSON', 'hello', /^malformed JSON at byte 0: expected an object, found 'h'$/],
    ['an array', '[]', /expected an object/],
    ['something behind the document', `${input(`${X},"data":[1,2]`)} x`, /expected the end of the document/],
    ['no inputs', '{}', /^inputs: it is missing$/],
    ['inputs that are no array', '{"inputs":{}}', /^inputs: it must be an array$/],
    ['an empty list of inputs', '{"inputs":[]}', /^inputs: the model also needs the input "x"$/],
    ['an id that is no string', `{"id":5,"inputs":[{${X},"data":[1,2]}]}`, /^id: it must be a string$/],
    ['an input without a name', input('"datatype":"FP32","shape":[1,2],"data":[1,2]'), /no name/],
    ['an input without a datatype', input('"name":"x","shape":[1,2],"data":[1,2]'), /no datatype/],
    ['an input without a shape', input('"name":"x","datatype":"FP32","data":[1,2]'), /no shape/],
    ['an input without data', input(X), /^inputs\[0\]: it has no data$/],
    [
      'an unknown input',
      input('"name":"z","datatype":"FP32","shape":[1,2],"data":[1,2]'),
      /no input "z"; it has "x"/,
    ],
    [
      'a datatype in small letters',
      input('"name":"x","datatype":"fp32","shape":[1,2],"data":[1,2]'),
      /"fp32" is no datatype/,
    ],
    [
      'another datatype',
      input('"name":"x","datatype":"FP64","shape":[1,2],"data":[1,2]'),
      /^inputs\[0\]\.datatype: the datatype of "x" is FP32, not FP64$/,
    ],
    [
      'another rank',
      input('"name":"x","datatype":"FP32","shape":[2],"data":[1,2]'),
      /^inputs\[0\]\.shape: the shape of "x" is \[-1,2\], not \[2\]/,
    ],
    [
      'another dimension',
      input('"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]'),
      /^inputs\[0\]\.shape/,
    ],
    [
      'a negative dimension',
      input('"name":"x","datatype":"FP32","shape":[-1,2],"data":[1,2]'),
      /0 or more, not -1/,
    ],
    [
      'a fractional dimension',
      input('"name":"x","datatype":"FP32","shape":[1.5,2],"data":[1,2]'),
      /whole number/,
    ],
    [
      'a dimension that is a string',
      input('"name":"x","datatype":"FP32","shape":["1",2],"data":[1,2]'),
      /whole number/,
    ],
    ['too few elements', input(`${X},"data":[1]`), /has 1 elements, and the shape \[1,2\] has 2/],
    ['too many elements', input(`${X},"data":[1,2,3]`), /has more than 2 elements/],
    [
      'rows of unequal length',
      '{"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[[1],[2,3,4]]}]}',
      /axis 1/,
    ],
    ['too few rows', '{"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[[1,2]]}]}', /axis 0/],
    [
      'too many rows',
      '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[[1,2],[3,4]]}]}',
      /axis 0/,
    ],
    ['deeper data than the shape', input(`${X},"data":[[[1],[2]]]`), /malformed JSON/],
    ['data that is no array', input(`${X},"data":5`), /must be an array/],
    [
      'a shape far beyond the bytes',
      input('"name":"x","datatype":"FP32","shape":[4503599627370496,2],"data":[1]'),
      /fewer elements/,
    ],
    [
      'a shape beyond counting',
      input('"name":"x","datatype":"FP32","shape":[9007199254740991,2],"data":[1]'),
      /fewer elements/,
    ],
    ['a member given twice', input(`${X},"data":[1,2],"data":[3,4]`), /twice/],
    [
      'inputs given twice',
      `{"inputs":[{${X},"data":[1,2]}],"inputs":[{${X},"data":[1,2]}]}`,
      /^inputs: the member is given twice/,
    ],
    [
      'an input given twice',
      `{"inputs":[{${X},"data":[1,2]},{${X},"data":[1,2]}]}`,
      /^inputs\[1\]\.name: the input "x" is given twice/,
    ],
    [
      'an unknown output',
      `{"inputs":[{${X},"data":[1,2]}],"outputs":[{"name":"q"}]}`,
      /^outputs\[0\]\.name: the model has no output "q"/,
    ],
    [
      'an output asked for twice',
      `{"inputs":[{${X},"data":[1,2]}],"outputs":[{"name":"y"},{"name":"y"}]}`,
      /asked for twice/,
    ],
    [
      'an output without a name',
      `{"inputs":[{${X},"data":[1,2]}],"outputs":[{}]}`,
      /^outputs\[0\]: it has no name/,
    ],
    [
      'binary_data that is no boolean',
      `{"inputs":[{${X},"data":[1,2]}],"outputs":[{"name":"y","parameters":{"binary_data":1}}]}`,
      /binary_data: it must be true or false/,
    ],
    [
      'classification',
      `{"inputs":[{${X},"data":[1,2]}],"outputs":[{"name":"y","parameters":{"classification":3}}]}`,
      /classification/,
    ],
    [
      'a parameter that is an object',
      `{"parameters":{"a":{}},"inputs":[{${X},"data":[1,2]}]}`,
      /^parameters\.a: a parameter is/,
    ],
    ['a parameter given twice', `{"parameters":{"a":1,"a":2},"inputs":[{${X},"data":[1,2]}]}`, /twice/],
    [
      'shared memory',
      input(`${X},"parameters":{"shared_memory_region":"r"}`),
      /shared memory is not supported/,
    ],
    [
      'data beside binary_data_size',
      input(`${X},"parameters":{"binary_data_size":8},"data":[1,2]`),
      /exactly one/,
    ],
    ['binary data that is not there', input(`${X},"parameters":{"binary_data_size":8}`), /0 bytes are left/],
    ['a trailing comma', `{"inputs":[{${X},"data":[1,2]},]}`, /malformed JSON/],
    ['single quotes', "{'inputs':[]}", /a key in double quotes/],
    [
      'a bare NaN outside of data',
      `{"parameters":{"a":NaN},"inputs":[{${X},"data":[1,2]}]}`,
      /malformed JSON/,
    ],
  ])('%s', (_, body, expected) => {
    expect(refusal(body)).toMatch(expected);
  });

  test('a shape that claims rows for no elements', () => {
    const body = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1000000000000000,0],"data":[]}]}';
    expect(refusal(body, oneInput('FP32', [-1, -1]))).toMatch(
      /^inputs\[0\]\.shape: an empty tensor cannot have the shape/,
    );
  });

  test('more parameters than any client sends', () => {
    const many = Array.from({ length: 1025 }, (_, index) => `"p${index}":1`).join(',');
    expect(refusal(`{"parameters":{${many}}}`)).toBe('parameters: it has more than 1024 parameters');
  });

  test('names of megabytes, without quoting them whole', () => {
    const name = 'x'.repeat(1_000_000);
    expect(
      refusal(`{"inputs":[{"name":"${name}","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`).length,
    ).toBeLessThan(1300);
    expect(refusal(`{"parameters":{"${name}":[]}}`).length).toBeLessThan(1300);
  });

  test.each([
    ['arrays', '['.repeat(100000)],
    ['objects', '{"a":'.repeat(100000)],
    ['unknown members', `{"z":${'['.repeat(100000)}`],
    ['data', `{"inputs":[{"data":${'['.repeat(100000)}`],
    ['shapes', `{"inputs":[{"shape":${'['.repeat(100000)}`],
  ])('%s nested 100,000 deep', (_, body) => {
    expect(refusal(body)).toMatch(/malformed JSON|nests deeper|must be|whole number/);
  });
});

describe('binary tensors', () => {
  const two: ModelSignature = {
    inputs: [
      { name: 'a', datatype: 'INT16', shape: [-1] },
      { name: 'b', datatype: 'FP16', shape: [-1] },
      { name: 'c', datatype: 'FP32', shape: [-1] },
    ],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  };
  const c = '{"name":"c","datatype":"FP32","shape":[1],"data":[2.5]}';
  const b = '{"name":"b","datatype":"FP16","shape":[2],"parameters":{"binary_data_size":4}}';
  const a = '{"name":"a","datatype":"INT16","shape":[1],"parameters":{"binary_data_size":2}}';

  function mixed(json: string, ...blob: number[]): [Buffer, ModelSignature, string] {
    return [Buffer.concat([Buffer.from(json), Buffer.from(blob)]), two, String(Buffer.byteLength(json))];
  }

  test('follow the order of the JSON, whatever order the model declares, and mix with JSON data', () => {
    const request = accept(...mixed(`{"inputs":[${b},${c},${a}]}`, 1, 0, 2, 0, 3, 4));
    expect(request.inputs.map(({ name, data }) => [name, data])).toEqual([
      ['b', Uint16Array.of(1, 2)],
      ['c', Float32Array.of(2.5)],
      ['a', Int16Array.of(0x0403)],
    ]);
  });

  test('are views of the body where they are aligned, and copies where they are not', () => {
    const signature = oneInput('FP32');
    for (const pad of [0, 1, 2, 3]) {
      const json = `{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}`;
      const head = json + ' '.repeat(((4 - (json.length % 4)) % 4) + pad);
      const body = new Uint8Array(new ArrayBuffer(head.length + 4));
      body.set(Buffer.from(head));
      body.set(new Uint8Array(Float32Array.of(1.5).buffer), head.length);
      const decoded = decodeInferRequest(body, signature, { headerLength: String(head.length) });
      if (!decoded.ok) throw new Error(errorText(decoded.error));
      const data = decoded.value.inputs[0]?.data as Float32Array;
      expect(data).toEqual(Float32Array.of(1.5));
      expect(data.buffer === body.buffer).toBe(pad === 0);
    }
  });

  test.each<readonly [string, [Buffer, ModelSignature, string], RegExp]>([
    ['bytes left over', mixed(`{"inputs":[${a},${b},${c}]}`, 1, 2, 3, 4, 5, 6, 7), /1 bytes are left over/],
    [
      'bytes missing',
      mixed(`{"inputs":[${a},${b},${c}]}`, 1, 2, 3, 4, 5),
      /binary_data_size is 4, and 3 bytes are left/,
    ],
    [
      'a size other than the shape needs',
      mixed(`{"inputs":[${a.replace('[1]', '[2]')},${b},${c}]}`, 1, 2, 3, 4, 5, 6),
      /INT16 of shape \[2\] needs 4 bytes, not 2/,
    ],
    ['a negative size', mixed(`{"inputs":[${a.replace(':2}', ':-2}')},${b},${c}]}`, 1, 2), /0 or more/],
    [
      'a size that is a string',
      mixed(`{"inputs":[${a.replace(':2}', ':"2"}')},${b},${c}]}`, 1, 2),
      /whole number/,
    ],
  ])('are refused with %s', (_, request, expected) => {
    expect(refusal(...request)).toMatch(expected);
  });

  test.each(['-1', '1e2', ' 5', '0x10', '99999', '', '9'.repeat(30), '5,5'])(
    'are refused with the header length %j',
    (header) => {
      expect(refusal('{"inputs":[]}', SIGNATURE, header)).toMatch(/^Inference-Header-Content-Length: /);
    },
  );

  test('BOOL is 0 or 1', () => {
    const json =
      '{"inputs":[{"name":"x","datatype":"BOOL","shape":[2],"parameters":{"binary_data_size":2}}]}';
    const body = (...bytes: number[]) => Buffer.concat([Buffer.from(json), Buffer.from(bytes)]);
    expect(accept(body(0, 1), oneInput('BOOL'), String(json.length)).inputs[0]?.data).toEqual(
      Uint8Array.of(0, 1),
    );
    expect(refusal(body(0, 2), oneInput('BOOL'), String(json.length))).toMatch(/byte 0 or 1, not 2/);
  });

  test.each<readonly [string, readonly number[], RegExp]>([
    ['a length beyond the bytes', [5, 0, 0, 0, 1], /cut short/],
    ['a length of 4 GiB', [255, 255, 255, 255, 1], /cut short/],
    ['half a length', [1, 0], /cut short/],
    ['too many elements', [0, 0, 0, 0, 0, 0, 0, 0], /needs 1 elements, not 2/],
    ['too few elements', [], /needs 1 elements, not 0/],
  ])('BYTES is refused with %s', (_, blob, expected) => {
    const json = `{"inputs":[{"name":"x","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":${blob.length}}}]}`;
    const body = Buffer.concat([Buffer.from(json), Buffer.from(blob)]);
    expect(refusal(body, oneInput('BYTES'), String(json.length))).toMatch(expected);
  });
});

describe('a raw request (header length 0)', () => {
  const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

  test('takes its one variable dimension from the size, and is answered in binary', () => {
    const request = accept(floats, SIGNATURE, '0');
    expect(request.inputs[0]?.shape).toEqual([2, 2]);
    expect(request.inputs[0]?.data).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(request.binaryOutputs).toBe(true);
  });

  test('takes one BYTES element without a length', () => {
    const request = accept('hello', oneInput('BYTES', [-1]), '0');
    expect(request.inputs[0]?.shape).toEqual([1]);
    expect(request.inputs[0]?.data).toEqual([new Uint8Array(Buffer.from('hello'))]);
  });

  test.each<readonly [string, Uint8Array, ModelSignature, RegExp]>([
    ['part of a row', floats.subarray(0, 12), SIGNATURE, /no multiple of the 8 bytes/],
    ['two variable dimensions', floats, oneInput('FP32', [-1, -1]), /one variable dimension/],
    ['another fixed size', floats, oneInput('FP32', [3]), /needs 12 bytes, not 16/],
    ['several BYTES elements', floats, oneInput('BYTES', [2]), /one BYTES element/],
    [
      'a model with two inputs',
      floats,
      { ...SIGNATURE, inputs: [...SIGNATURE.inputs, ...SIGNATURE.inputs] },
      /model with one input/,
    ],
  ])('is refused with %s', (_, body, signature, expected) => {
    expect(refusal(body, signature, '0')).toMatch(expected);
  });
});

describe('outputs without a JSON form', () => {
  const half: ModelSignature = {
    inputs: SIGNATURE.inputs,
    outputs: [
      { name: 'h', datatype: 'FP16', shape: [-1] },
      { name: 'y', datatype: 'FP32', shape: [-1] },
    ],
  };
  const input = `"inputs":[{${X},"data":[1,2]}]`;

  test.each([
    ['all outputs as JSON', `{${input}}`],
    ['FP16 named as JSON', `{${input},"outputs":[{"name":"h"}]}`],
    [
      'FP16 named as JSON although the rest is binary',
      `{${input},"parameters":{"binary_data_output":true},"outputs":[{"name":"h","parameters":{"binary_data":false}}]}`,
    ],
  ])('are refused before the model runs: %s', (_, body) => {
    expect(refusal(body, half)).toMatch(/"h" is FP16, which does not travel in JSON/);
  });

  test.each([
    ['in binary', `{${input},"parameters":{"binary_data_output":true}}`],
    ['left out', `{${input},"outputs":[{"name":"y"}]}`],
    ['named in binary', `{${input},"outputs":[{"name":"h","parameters":{"binary_data":true}}]}`],
  ])('are accepted %s', (_, body) => {
    expect(accept(body, half).inputs).toHaveLength(1);
  });
});
