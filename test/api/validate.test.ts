import { formatProblem } from '../../src/base/index.js';
import { type ModelDeployment, validate } from '../../src/api/index.js';
import { DIGEST_1, DIGEST_2, manifest } from '../support/modelDeployments.js';

const lines = (value: unknown, old?: unknown) => validate(value, old as ModelDeployment).map(formatProblem);
const model = { name: 'volatility', version: '1', digest: DIGEST_1 };
const feature = (fields: object) => ({ input: { features: [{ name: 'x', type: 'number', ...fields }] } });

describe('validate', () => {
  test('has nothing to say of a good one', () => {
    expect(validate(manifest())).toEqual([]);
    const full = {
      source: { pvc: { claimName: 'models', subPath: 'a' } },
      replicas: 3,
      resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '0.5' } },
      serving: { threads: 4, batching: { maxRows: 8 }, maxBodyBytes: 1024 },
      cache: { redis: { secretRef: { name: 'redis' } } },
      input: {
        features: [{ name: 'vix', type: 'number', minimum: 0, maximum: 100, default: 20, enum: [20, 30] }],
      },
    };
    expect(validate(manifest({ spec: full }))).toEqual([]);
  });

  test('does not change what it is given', () => {
    const given = manifest();
    const copy = structuredClone(given);
    validate(given);
    expect(given).toEqual(copy);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a misspelt field', { replica: 2 }, 'spec.replica: is not a field; did you mean replicas?'],
    ['a wrong type', { replicas: '2' }, 'spec.replicas: must be an integer, not a string; Number of pods'],
    [
      'a version that YAML takes for a number',
      { model: { ...model, version: 2 } },
      'spec.model.version: must be a string, not an integer; write it in quotes: "2"',
    ],
    ['a field that every JavaScript object has', { constructor: 'x' }, 'spec.constructor: is not a field'],
    ['a missing field', { model: { name: 'a', version: '1' } }, 'spec.model.digest: is required; SHA-256'],
    [
      'a digest that is none',
      { model: { ...model, digest: 'sha256:abc' } },
      'spec.model.digest: "sha256:abc" does not match',
    ],
    ['a number out of range', { replicas: -1 }, 'spec.replicas: must be at least 0, not -1'],
    ['a fraction for an integer', { replicas: 1.5 }, 'spec.replicas: must be an integer, not a number'],
    [
      'an unsupported strategy',
      { rollout: { strategy: 'Canary' } },
      'spec.rollout.strategy: must be Rolling, not "Canary"',
    ],
    [
      'replicas beside autoscaling',
      { replicas: 1, autoscaling: { maxReplicas: 3 } },
      'spec.replicas: replicas and autoscaling exclude each other',
    ],
    [
      'autoscaling upside down',
      { autoscaling: { minReplicas: 4, maxReplicas: 3 } },
      'spec.autoscaling.minReplicas: minReplicas must not exceed',
    ],
    [
      'two sources',
      { source: { image: {}, pvc: { claimName: 'a' } } },
      'spec.source: exactly one of image and pvc',
    ],
    ['no source', { source: {} }, 'spec.source: exactly one of image and pvc'],
    [
      'a source that is not built',
      { source: { image: {}, s3: { bucket: 'b' } } },
      'spec.source: this version fetches no models',
    ],
    ['tokens in the open', { auth: { tokens: 'x' } }, 'spec.auth.tokens: '],
    ['tokens of no Secret', { auth: { tokens: { secretRef: {} } } }, 'spec.auth.tokens.secretRef'],
    ['objectives nobody acts on', { slo: { latencyP99Ms: 5 } }, 'spec.slo: this version does not act'],
    [
      'a request above its limit',
      { resources: { requests: { cpu: '2' }, limits: { cpu: '500m' } } },
      'spec.resources.requests: a request must not exceed its limit',
    ],
    [
      'a quantity that is none',
      { resources: { limits: { cpu: 'lots' } } },
      'spec.resources.limits.cpu: "lots" does not match',
    ],
    [
      'a thread count that is a word',
      { serving: { threads: 'many' } },
      'spec.serving.threads: "many" does not match ^auto$',
    ],
    [
      'two places for Redis',
      { cache: { redis: { managed: true, secretRef: { name: 'a' } } } },
      'spec.cache.redis: exactly one of',
    ],
    [
      'a rollback target that is the version itself',
      { model: { ...model, previous: { version: '1', digest: DIGEST_2 } } },
      'spec.model.previous: the previous version must differ',
    ],
    [
      'bounds upside down',
      feature({ minimum: 2, maximum: 1 }),
      'spec.input.features[0].minimum: minimum must not exceed maximum',
    ],
    [
      'bounds of a text',
      feature({ type: 'string', minimum: 2 }),
      'spec.input.features[0]: minimum and maximum are for',
    ],
    [
      'a default of another type',
      feature({ default: 'a' }),
      'spec.input.features[0].default: default must be a value the feature allows',
    ],
    [
      'an example out of bounds',
      feature({ maximum: 1, example: 2 }),
      'spec.input.features[0].example: example must be',
    ],
    [
      'an enum of another type',
      feature({ type: 'integer', enum: [1.5] }),
      'spec.input.features[0].enum: every value',
    ],
    [
      'a default that is a list',
      feature({ default: [1] }),
      'spec.input.features[0].default: must be a string or an integer or a number or a boolean, not an array',
    ],
    [
      'a feature named twice',
      {
        input: {
          features: [
            { name: 'x', type: 'number' },
            { name: 'x', type: 'string' },
          ],
        },
      },
      'spec.input.features[1]: repeats name "x"',
    ],
  ])('names the place of %s', (_what, spec, expected) => {
    const found = lines(manifest({ spec }));
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(expected)).toBe(true);
  });

  test('gives all errors at once', () => {
    const spec = { model: { name: 'A', version: 1 }, replicas: -1, foo: 1 };
    expect(
      validate(manifest({ spec }))
        .map(({ place }) => place)
        .sort(),
    ).toEqual(['spec.foo', 'spec.model.digest', 'spec.model.name', 'spec.model.version', 'spec.replicas']);
  });

  test.each([
    [null, ': must be an object'],
    [[], ': must be an object'],
    [{}, 'apiVersion: must be gantry.dev/v1alpha1, not undefined'],
    [{ ...manifest(), kind: 'Deployment' }, 'kind: must be ModelDeployment, not "Deployment"'],
    [{ ...manifest(), spec: undefined }, 'spec: is required'],
    [{ ...manifest(), spec: null }, 'spec: must be an object, not empty'],
    [{ ...manifest(), metadata: {} }, 'metadata.name: is required'],
    [manifest({ name: '1st' }), 'metadata.name must start with a letter'],
    [manifest({ name: 'a'.repeat(53) }), 'metadata.name must start with a letter'],
    [{ ...manifest(), sepc: {} }, 'sepc: is not a field'],
  ])('refuses %j', (value, expected) => {
    expect(
      lines(value)
        .map((line) => `: ${line}`)
        .join('\n'),
    ).toContain(expected);
  });

  test('knows the rules about changes', () => {
    const old = manifest();
    const renamed = manifest({ spec: { model: { ...model, name: 'digits' } } });
    expect(lines(renamed, old)).toEqual([
      'spec.model.name: the name of the model cannot be changed; make another ModelDeployment for another model',
    ]);
    expect(lines(manifest({ spec: { model: { ...model, version: '2' } } }), old)).toEqual([]);
  });
});
