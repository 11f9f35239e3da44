/** The rules of the CRD (CEL, the API server) and those of `validate` are the same rules. */
import fc from 'fast-check';
import { type ModelDeployment, RULES, validate } from '../../src/api/index.js';
import { ApiError, type KubeObject } from '../../src/kube/index.js';
import { modelDeployments } from '../../src/operator/kinds.js';
import { DIGEST_1, DIGEST_2, manifest } from '../support/modelDeployments.js';
import { simulatedCluster, type SimulatedCluster } from '../support/simulatedCluster.js';

interface Refusal {
  readonly field: string;
  readonly message: string;
}

const model = { name: 'volatility', version: '1', digest: DIGEST_1 };
const feature = (fields: object) => ({ input: { features: [{ name: 'x', type: 'number', ...fields }] } });

/** For each rule that the CRD has, an object that breaks it alone; `old` where it is about a change. */
const BREAKERS: Readonly<Record<string, { broken: unknown; old?: unknown }>> = {
  ' ': { broken: manifest({ name: 'a'.repeat(53) }) },
  'spec .replicas': { broken: manifest({ spec: { replicas: 1, autoscaling: { maxReplicas: 3 } } }) },
  'spec .slo': { broken: manifest({ spec: { slo: { availability: 99.9 } } }) },
  'spec .auth': { broken: manifest({ spec: { auth: {} } }) },
  'spec.model .name': {
    broken: manifest({ spec: { model: { ...model, name: 'digits' } } }),
    old: manifest(),
  },
  'spec.model .previous': {
    broken: manifest({ spec: { model: { ...model, previous: { version: '1', digest: DIGEST_2 } } } }),
  },
  'spec.source  this': { broken: manifest({ spec: { source: { image: {}, http: {} } } }) },
  'spec.source  exactly': { broken: manifest({ spec: { source: { image: {}, pvc: { claimName: 'a' } } } }) },
  'spec.autoscaling .minReplicas': {
    broken: manifest({ spec: { autoscaling: { minReplicas: 4, maxReplicas: 3 } } }),
  },
  'spec.autoscaling.metrics ': {
    broken: manifest({ spec: { autoscaling: { maxReplicas: 3, metrics: {} } } }),
  },
  'spec.cache.redis ': {
    broken: manifest({ spec: { cache: { redis: { managed: true, secretRef: { name: 'a' } } } } }),
  },
  'spec.input.features[] ': { broken: manifest({ spec: feature({ type: 'string', minimum: 1 }) }) },
  'spec.input.features[] .minimum': { broken: manifest({ spec: feature({ minimum: 2, maximum: 1 }) }) },
};

let cluster: SimulatedCluster;

beforeAll(async () => {
  cluster = await simulatedCluster();
});

afterAll(() => cluster.server.close());

/** What the API server says of an object; nothing is kept. */
async function refusals(object: unknown, old?: unknown): Promise<readonly Refusal[]> {
  const { admin } = cluster;
  const name = (object as KubeObject).metadata.name;
  try {
    if (old !== undefined) await admin.create(modelDeployments, old as KubeObject);
    await (old === undefined
      ? admin.create(modelDeployments, object as KubeObject)
      : admin.patch(modelDeployments, { namespace: 'default', name }, object, { type: 'merge' }));
    return [];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    return (error.body.details?.causes ?? []).map(({ field = '', message = '' }) => ({ field, message }));
  } finally {
    await admin.delete(modelDeployments, { namespace: 'default', name }).catch(() => undefined);
  }
}

function breakerOf({ at, fieldPath, message }: (typeof RULES)[number]) {
  const key = `${at} ${fieldPath ?? ''}`;
  return BREAKERS[key] ?? BREAKERS[`${key} ${message.split(' ')[0]}`];
}

describe('every rule of the CRD', () => {
  test.each(RULES.filter(({ cel }) => cel !== undefined).map((rule) => [rule.message, rule] as const))(
    '%s',
    async (message, rule) => {
      const breaker = breakerOf(rule);
      if (breaker === undefined) throw new Error('no object breaks this rule: add one to BREAKERS');
      const ours = validate(breaker.broken, breaker.old as ModelDeployment | undefined);
      const theirs = await refusals(breaker.broken, breaker.old);
      expect(ours.map((problem) => problem.message)).toEqual([message]);
      expect(theirs).toHaveLength(1);
      expect(theirs[0]?.message).toContain(message);
      expect((theirs[0]?.field ?? '').replace(/^<nil>$/, '')).toBe(ours[0]?.place);
    },
  );
});

/** One of the good values; now and then one of the bad ones, so that about half of the objects are good. */
function mostly<T, U>(good: readonly T[], bad: readonly U[]): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom<T | U>(...good) },
    { weight: 1, arbitrary: fc.constantFrom<T | U>(...bad) },
  );
}

const features = fc.uniqueArray(
  fc.record(
    {
      name: mostly(['x', 'y', 'z'], ['1st']),
      type: mostly(['number', 'integer'], ['string', 'float']),
      minimum: mostly([0, 1], [4]),
      maximum: mostly([2, 3], ['3']),
    },
    { requiredKeys: ['name', 'type'] },
  ),
  { maxLength: 3, selector: ({ name }) => name },
);

const scale = fc.oneof(
  fc.record({ replicas: mostly([0, 3], [-1, 1.5, 1001, '2']) }),
  fc.record({ autoscaling: fc.record({ maxReplicas: mostly([1, 5], [0, 'x']) }) }),
  fc.record({
    replicas: mostly<number | undefined, number>([undefined], [1]),
    autoscaling: fc.constant({ maxReplicas: 2 }),
  }),
);

const rest = fc.record(
  {
    model: fc.record(
      {
        name: mostly(['volatility'], ['Bad', '', 'a_b']),
        version: mostly(['1', 'v1.2_a-b'], ['1..2', '-1', 1]),
        digest: mostly([DIGEST_1], ['sha256:1', DIGEST_1.toUpperCase()]),
        previous: fc.record({ version: mostly(['0'], ['1']), digest: fc.constant(DIGEST_2) }),
      },
      { requiredKeys: ['name', 'version', 'digest'] },
    ),
    source: mostly<object, object>(
      [{ image: {} }, { pvc: { claimName: 'c' } }],
      [{}, { pvc: { claimName: '' } }, { s3: {} }],
    ),
    resources: mostly<object, object>(
      [{ limits: { cpu: 1 } }, { requests: { memory: '1.5Gi' } }],
      [{ limits: { cpu: 'x' } }, { requests: { memory: -1 } }],
    ),
    serving: fc.record({
      threads: mostly<string | number, string | number>(['auto', 4], ['x', 0]),
      timeoutMs: mostly([10], [0]),
    }),
    cache: mostly<object, object>(
      [{ enabled: false }, { redis: { managed: true } }],
      [{ ttlSeconds: 0 }, { redis: {} }],
    ),
    rollout: fc.record({ strategy: mostly(['Rolling'], ['Canary', '']) }),
    input: fc.record({ features }),
  },
  { requiredKeys: ['model'] },
);

test('the API server and validate agree about which objects are good', async () => {
  let good = 0;
  const name = mostly(['volatility', 'a-1', 'a'.repeat(52)], ['1st', 'a.b', 'a'.repeat(53)]);
  await fc.assert(
    fc.asyncProperty(rest, scale, name, async (others, scaling, given) => {
      const object = JSON.parse(
        JSON.stringify(manifest({ spec: { ...others, ...scaling }, name: given })),
      ) as object;
      const ours = validate(object);
      const theirs = await refusals(object);
      if (ours.length === 0) good += 1;
      expect({ refused: theirs.length > 0, ours, theirs }).toEqual({
        refused: ours.length > 0,
        ours,
        theirs,
      });
    }),
    { numRuns: 300, seed: 20260101 },
  );
  expect(good).toBeGreaterThan(75);
  expect(good).toBeLessThan(225);
});
