import { Buffer } from 'node:buffer';
import type { FeatureSpec } from '../../../../src/api/index.js';
import { errorText } from '../../../../src/serving/protocol/status.js';
import type { ModelSignature, Tensor } from '../../../../src/serving/protocol/tensor.js';
import {
  createTypedEndpoint,
  type TypedEndpoint,
} from '../../../../src/serving/protocol/typed/typedEndpoint.js';

const packed: ModelSignature = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const features: readonly FeatureSpec[] = [
  { name: 'volume_5d', type: 'number', minimum: 0, unit: 'USD', description: 'Traded volume.', example: 3.5 },
  { name: 'weekday', type: 'integer', enum: [0, 1, 2, 3, 4] },
  { name: 'holiday', type: 'boolean', default: false },
];
const named: ModelSignature = {
  inputs: [
    { name: 'age', datatype: 'INT64', shape: [-1, 1] },
    { name: 'city', datatype: 'BYTES', shape: [-1] },
    { name: 'small', datatype: 'INT8', shape: [-1] },
  ],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'scores', datatype: 'FP32', shape: [-1, 2] },
  ],
};
const namedFeatures: readonly FeatureSpec[] = [
  { name: 'city', type: 'string' },
  { name: 'age', type: 'integer' },
  { name: 'small', type: 'integer' },
];

function endpoint(specs: readonly FeatureSpec[], signature: ModelSignature): TypedEndpoint {
  const made = createTypedEndpoint(specs, signature);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

function refusal(typed: TypedEndpoint, body: unknown): string {
  const decoded = typed.decode(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  if (decoded.ok) throw new Error('the request was accepted');
  expect(decoded.error.code).toBe('InvalidArgument');
  return errorText(decoded.error);
}

function inputs(typed: TypedEndpoint, body: unknown): readonly Tensor[] {
  const decoded = typed.decode(Buffer.from(JSON.stringify(body)));
  if (!decoded.ok) throw new Error(errorText(decoded.error));
  return decoded.value.request.inputs;
}

describe('features side by side in one input', () => {
  const typed = endpoint(features, packed);

  test('are packed in their declared order, with defaults filled in', () => {
    expect(inputs(typed, { features: { weekday: 2, volume_5d: 1.5 } })).toEqual([
      { name: 'features', datatype: 'FP32', shape: [1, 3], data: Float32Array.of(1.5, 2, 0) },
    ]);
  });

  test('come in batches, and the answer says so', () => {
    const body = {
      instances: [
        { volume_5d: 1, weekday: 0, holiday: true },
        { volume_5d: 2, weekday: 4 },
      ],
    };
    const decoded = typed.decode(Buffer.from(JSON.stringify(body)));
    expect(decoded).toMatchObject({ ok: true, value: { batch: true } });
    expect(inputs(typed, body)[0]).toMatchObject({ shape: [2, 3], data: Float32Array.of(1, 0, 1, 2, 4, 0) });
  });

  test.each<readonly [string, unknown, string | RegExp]>([
    [
      'a value below its minimum',
      { features: { volume_5d: -1, weekday: 0 } },
      'features.volume_5d: must be >= 0',
    ],
    [
      'a value that is not in the enum',
      { features: { volume_5d: 1, weekday: 9 } },
      'features.weekday: must be one of 0, 1, 2, 3, 4',
    ],
    ['a missing feature', { features: { weekday: 0 } }, 'features.volume_5d: is required'],
    [
      'an unknown feature',
      { features: { volume_5d: 1, weekday: 0, typo: 1 } },
      'features.typo: is not a field of this model',
    ],
    [
      'a string for a number',
      { features: { volume_5d: '1', weekday: 0 } },
      'features.volume_5d: must be a number',
    ],
    ['null', { features: { volume_5d: null, weekday: 0 } }, 'features.volume_5d: must be a number'],
    [
      'a fraction for an integer',
      { features: { volume_5d: 1, weekday: 0.5 } },
      /^features\.weekday: must be an integer/,
    ],
    [
      'several wrong fields',
      { features: { volume_5d: -1 } },
      'features.weekday: is required; features.volume_5d: must be >= 0',
    ],
    [
      'a wrong row of a batch',
      {
        instances: [
          { volume_5d: 1, weekday: 0 },
          { volume_5d: -1, weekday: 0 },
        ],
      },
      'instances[1].volume_5d: must be >= 0',
    ],
    ['a row that is no object', { instances: [5] }, 'instances[0]: must be an object'],
    [
      'a number beyond FP32',
      { features: { volume_5d: 1e39, weekday: 0 } },
      'features.volume_5d: must be <= 3.4028234663852886e+38',
    ],
    ['no rows', { instances: [] }, 'instances: must be an array with one row at least'],
    ['both forms', { features: {}, instances: [] }, /either "features" \(one row\) or "instances" \(rows\)/],
    ['neither form', {}, /either "features"/],
    ['bare features', { volume_5d: 1 }, /^volume_5d: is unknown: the body has "features"/],
    ['a feature given twice', '{"features":{"volume_5d":1,"volume_5d":2,"weekday":0}}', /given twice/],
    ['malformed JSON', '{"features":', /^malformed JSON/],
    ['NaN', '{"features":{"volume_5d":NaN,"weekday":0}}', /malformed JSON/],
    ['an array', '[]', /expected an object/],
  ])('are refused with %s', (_, body, expected) => {
    const message = refusal(typed, body);
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });

  test('have a schema with units, ranges and examples', () => {
    expect(typed.rowSchema).toEqual({
      type: 'object',
      properties: {
        volume_5d: {
          type: 'number',
          description: 'Traded volume. Unit: USD.',
          'x-unit': 'USD',
          minimum: 0,
          maximum: 3.4028234663852886e38,
          examples: [3.5],
        },
        weekday: {
          type: 'integer',
          minimum: -3.4028234663852886e38,
          maximum: 3.4028234663852886e38,
          enum: [0, 1, 2, 3, 4],
        },
        holiday: { type: 'boolean', default: false },
      },
      required: ['volume_5d', 'weekday'],
      additionalProperties: false,
    });
  });
});

describe('features each in the input of its name', () => {
  const typed = endpoint(namedFeatures, named);

  test('become one tensor each, in the shape the model wants', () => {
    const body = {
      instances: [
        { age: 30, city: 'Graz', small: -128 },
        { age: -4, city: '', small: 127 },
      ],
    };
    expect(inputs(typed, body)).toEqual([
      { name: 'age', datatype: 'INT64', shape: [2, 1], data: BigInt64Array.of(30n, -4n) },
      { name: 'city', datatype: 'BYTES', shape: [2], data: [Buffer.from('Graz'), Buffer.from('')] },
      { name: 'small', datatype: 'INT8', shape: [2], data: Int8Array.of(-128, 127) },
    ]);
  });

  test.each<readonly [string, unknown, string]>([
    ['INT8', { age: 1, city: 'a', small: 128 }, 'features.small: must be <= 127'],
    [
      'what JSON holds exactly',
      { age: 9007199254740992, city: 'a', small: 1 },
      'features.age: must be <= 9007199254740991',
    ],
  ])('are refused beyond %s', (_, row, message) => {
    expect(refusal(typed, { features: row })).toBe(message);
  });
});

describe('a model without declared features', () => {
  const typed = endpoint([], named);

  test('takes its inputs as nested arrays', () => {
    const image = endpoint([], {
      ...packed,
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 2, 2] }],
    });
    expect(
      inputs(image, {
        instances: [
          {
            image: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
      }),
    ).toEqual([{ name: 'image', datatype: 'FP32', shape: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) }]);
    expect(refusal(image, { features: { image: [[1, 2], [3]] } })).toBe(
      'features.image[1]: must have 2 elements',
    );
  });

  test('takes scalars where a row has one', () => {
    expect(inputs(typed, { features: { age: [1], city: 'a', small: 2 } })[0]).toMatchObject({
      shape: [1, 1],
    });
  });

  test('refuses rows of different shapes', () => {
    const free = endpoint([], { ...packed, inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }] });
    expect(refusal(free, { instances: [{ x: [1, 2] }, { x: [1] }] })).toBe(
      'x: every row must have the same shape',
    );
  });
});

describe('features that are not the model’s', () => {
  const feature = (name: string, type: FeatureSpec['type'] = 'number') => ({ name, type });
  test.each<readonly [string, readonly FeatureSpec[], ModelSignature, RegExp]>([
    ['too few', [feature('a')], packed, /names 1 features, and the model's input "features" takes 3/],
    [
      'a string for FP32',
      [feature('a'), feature('b'), feature('c', 'string')],
      packed,
      /"c" is a string, which does not fit the model's FP32/,
    ],
    ['an unknown name', [feature('q')], named, /no input for the feature "q"/],
    [
      'an input left out',
      namedFeatures.slice(0, 2),
      named,
      /no feature is named after the model's input "small"/,
    ],
    [
      'a fraction for an integer',
      [...namedFeatures.slice(0, 2), feature('small')],
      named,
      /"small" is a number, which does not fit the model's INT8/,
    ],
    [
      'an output that has no JSON form',
      features,
      { ...packed, outputs: [{ name: 'h', datatype: 'FP16', shape: [-1] }] },
      /"h" does not travel/,
    ],
  ])('are reported when the endpoint is made: %s', (_, specs, signature, expected) => {
    const made = createTypedEndpoint(specs, signature);
    expect(made).toMatchObject({
      ok: false,
      error: { code: 'FeaturesMismatch', place: 'spec.input.features' },
    });
    expect(made.ok ? '' : made.error.message).toMatch(expected);
  });
});

describe('a typed answer', () => {
  const typed = endpoint(namedFeatures, named);
  const outputs: readonly Tensor[] = [
    { name: 'label', datatype: 'INT64', shape: [2], data: BigInt64Array.of(9007199254740993n, 2n) },
    { name: 'scores', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(0.1, NaN, 3, Infinity) },
  ];
  const response = { modelName: 'm', modelVersion: '2', outputs };

  test('has a row for each instance, bare values where a row has one, null for what JSON has no word for', () => {
    const encoded = typed.encode(response, true);
    expect(encoded.ok && encoded.value.toString()).toBe(
      '{"model_name":"m","model_version":"2","predictions":[{"label":9007199254740993,"scores":[0.1,null]},' +
        '{"label":2,"scores":[3,null]}]}',
    );
  });

  test('has one prediction for one row of features', () => {
    const single = endpoint(features, packed);
    const y: Tensor = { name: 'y', datatype: 'FP32', shape: [1, 1], data: Float32Array.of(0.25) };
    const encoded = single.encode({ ...response, outputs: [y] }, false);
    expect(encoded.ok && encoded.value.toString()).toBe(
      '{"model_name":"m","model_version":"2","prediction":{"y":0.25}}',
    );
  });

  test('is an error where the model does not answer row by row', () => {
    expect(typed.encode(response, false)).toMatchObject({ ok: false, error: { code: 'InvalidArgument' } });
  });

  test('has a schema', () => {
    expect(typed.predictionSchema).toMatchObject({
      properties: {
        label: { type: 'integer' },
        scores: { type: 'array', items: { type: ['number', 'null'] }, minItems: 2, maxItems: 2 },
      },
    });
  });
});
