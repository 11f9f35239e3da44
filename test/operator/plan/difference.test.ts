import fc from 'fast-check';
import type { ModelDeployment } from '../../../src/api/index.js';
import { contains } from '../../../src/operator/plan/contains.js';
import { childKey, type Observed } from '../../../src/operator/plan/observed.js';
import { plan } from '../../../src/operator/plan/plan.js';
import { DIGEST_1, DIGEST_2, storedModelDeployment } from '../../support/modelDeployments.js';
import {
  carriedOut,
  type DeploymentCounts,
  NOTHING,
  NOW,
  operatorConfig,
  rolledOut,
  withDeploymentStatus,
} from '../../support/operatorCluster.js';

function differenceOf(declared: ModelDeployment, observed: Observed) {
  const { difference } = plan(declared, observed, operatorConfig, NOW);
  return {
    apply: difference.apply.map(({ object }) => object.kind),
    remove: difference.remove.map(({ kind }) => kind),
  };
}

interface Tampered {
  metadata: Record<string, unknown>;
  spec: Record<string, unknown>;
}

/** The cluster with a change to one child that somebody else has made. */
function tampered(observed: Observed, kind: string, change: (object: Tampered) => void): Observed {
  const children = new Map(
    [...observed.children.values()].map((object) => {
      const copy = structuredClone(object);
      if (copy.kind === kind) change(copy as unknown as Tampered);
      return [childKey(copy), copy];
    }),
  );
  return { ...observed, children };
}

const NO_CHANGE = { apply: [], remove: [] };
const declared = storedModelDeployment({ spec: { replicas: 2 } });

const specs = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 4 }),
    resources: fc.constantFrom(
      { limits: { cpu: '1500m', memory: 1073741824 } },
      { requests: { cpu: 0 } },
      {},
    ),
    serving: fc.record({ threads: fc.constantFrom('auto', 2), timeoutMs: fc.integer({ min: 1, max: 100 }) }),
    cache: fc.constantFrom({ enabled: false }, { redis: { secretRef: { name: 'r' } } }, {}),
    source: fc.constantFrom({ image: { pullSecrets: [] } }, { pvc: { claimName: 'c' } }),
    monitoring: fc.record({ scrape: fc.boolean() }),
    model: fc.constantFrom(
      { name: 'volatility', version: '1', digest: DIGEST_1 },
      { name: 'volatility', version: '2', digest: DIGEST_2, previous: { version: '1', digest: DIGEST_1 } },
    ),
    input: fc.constantFrom({ features: [] }, { features: [{ name: 'x', type: 'number', default: 1 }] }),
  },
  { requiredKeys: ['model'] },
);

describe('the plan', () => {
  test('is the same for the same arguments, whatever the order of their keys', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const reversed = JSON.parse(JSON.stringify(spec, reverseKeys)) as typeof spec;
        const first = plan(storedModelDeployment({ spec }), NOTHING, operatorConfig, NOW);
        const second = plan(storedModelDeployment({ spec: reversed }), NOTHING, operatorConfig, NOW);
        expect(second).toEqual(first);
      }),
    );
  });

  test('has nothing left to do once it has been carried out, from wherever it started', () => {
    fc.assert(
      fc.property(specs, specs, (before, after) => {
        const start = rolledOut(storedModelDeployment({ spec: before }));
        const target = storedModelDeployment({ spec: after, generation: 2 });
        const observed = carriedOut(target, start);
        expect(differenceOf(target, observed)).toEqual(NO_CHANGE);
      }),
    );
  });

  test('never says Stalled and Reconciling at once, and Ready exactly when neither', () => {
    const counts = fc.record({
      replicas: fc.integer({ min: 0, max: 4 }),
      updatedReplicas: fc.integer({ min: 0, max: 4 }),
      readyReplicas: fc.integer({ min: 0, max: 4 }),
      conditions: fc.constantFrom<NonNullable<DeploymentCounts['conditions']>>(
        [],
        [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
        [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }],
      ),
    });
    fc.assert(
      fc.property(specs, counts, (spec, status) => {
        const target = storedModelDeployment({ spec });
        const observed = withDeploymentStatus(carriedOut(target), status);
        const { conditions = [] } = plan(target, observed, operatorConfig, NOW).status;
        const isTrue = (type: string) => conditions.some((c) => c.type === type && c.status === 'True');
        expect(['Ready', 'Reconciling', 'Stalled'].filter(isTrue)).toHaveLength(1);
      }),
    );
  });
});

describe('the difference', () => {
  test('is everything at first and nothing when idle', () => {
    expect(differenceOf(declared, NOTHING).apply).toHaveLength(5);
    expect(differenceOf(declared, rolledOut(declared))).toEqual(NO_CHANGE);
  });

  test('repairs a child that is gone', () => {
    const children = new Map(rolledOut(declared).children);
    children.delete('Service/volatility');
    expect(differenceOf(declared, { children, pods: [] })).toEqual({ apply: ['Service'], remove: [] });
  });

  test.each<[string, string, (object: Tampered) => void]>([
    ['replicas', 'Deployment', (object) => Object.assign(object.spec, { replicas: 9 })],
    ['a selector', 'Service', (object) => Object.assign(object.spec, { selector: { app: 'mine' } })],
    ['a label', 'PodDisruptionBudget', (object) => Object.assign(object.metadata, { labels: {} })],
    ['an owner', 'ServiceAccount', (object) => Object.assign(object.metadata, { ownerReferences: [] })],
  ])('repairs %s that somebody changed', (_what, kind, change) => {
    expect(differenceOf(declared, tampered(rolledOut(declared), kind, change))).toEqual({
      apply: [kind],
      remove: [],
    });
  });

  test('leaves alone what others add: defaults, status, annotations, containers', () => {
    const observed = tampered(rolledOut(declared), 'Deployment', (object) => {
      const { metadata, spec } = object as unknown as {
        metadata: { annotations: Record<string, string> };
        spec: { template: { spec: Record<string, unknown> & { containers: unknown[] } } };
      };
      metadata.annotations['deployment.kubernetes.io/revision'] = '1';
      spec.template.spec.dnsPolicy = 'ClusterFirst';
      spec.template.spec.containers.unshift({ name: 'mesh' });
    });
    expect(differenceOf(declared, observed)).toEqual(NO_CHANGE);
  });

  test('removes the autoscaler that is no longer wanted', () => {
    const scaled = storedModelDeployment({ spec: { autoscaling: { maxReplicas: 3 } } });
    expect(differenceOf(declared, rolledOut(scaled)).remove).toEqual(['HorizontalPodAutoscaler']);
  });

  test('keeps the configuration before until no pod uses it', () => {
    const next = storedModelDeployment({ spec: { replicas: 2, serving: { timeoutMs: 7 } }, generation: 2 });
    const during = carriedOut(next, rolledOut(declared));
    expect([...during.children.values()].filter(({ kind }) => kind === 'ConfigMap')).toHaveLength(2);
    const done = withDeploymentStatus(during, { replicas: 2, updatedReplicas: 2, readyReplicas: 2 });
    expect(differenceOf(next, done)).toEqual({ apply: [], remove: ['ConfigMap'] });
  });
});

describe('contains', () => {
  test.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: [] }, {}, true],
    [{}, { a: [] }, true],
    [{}, { emptyDir: {} }, true],
    [{ args: ['a', 'b'] }, { args: ['a'] }, false],
    [{ args: ['b', 'a'] }, { args: ['a', 'b'] }, false],
    [{ env: [{ name: 'B' }, { name: 'A', value: '1' }] }, { env: [{ name: 'A', value: '1' }] }, true],
    [{ env: [{ name: 'A', value: '2' }] }, { env: [{ name: 'A', value: '1' }] }, false],
    [{ limits: { cpu: '500m' } }, { limits: { cpu: '0.5' } }, true],
    [{ limits: { memory: '1Gi' } }, { limits: { memory: '1024Mi' } }, true],
    [{ limits: { cpu: '500m' } }, { limits: { cpu: '0.6' } }, false],
    [{ value: '1024Mi' }, { value: '1Gi' }, false],
    [undefined, { a: 1 }, false],
  ])('%j contains %j: %p', (observed, wanted, expected) => {
    expect(contains(observed, wanted)).toBe(expected);
  });
});

function reverseKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).reverse());
}
