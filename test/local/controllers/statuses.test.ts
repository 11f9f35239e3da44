import { describe, expect, it } from '@jest/globals';
import { planAutoscaler, planWithoutTarget } from '../../../src/local/controllers/autoscaling/plan.js';
import { budgetStatus, coveredPods } from '../../../src/local/controllers/disruption/plan.js';
import { namespaceConditions } from '../../../src/local/controllers/namespace/plan.js';
import { canonicalJson, sameJson, statusPatch } from '../../../src/local/controllers/write.js';
import { resourceTypes } from '../../../src/kube/index.js';
import type { HorizontalPodAutoscaler, PodDisruptionBudget } from '../../../src/local/objects/index.js';
import { NOW, podOf } from './builders.js';

function budgetOf(spec: PodDisruptionBudget['spec']): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', generation: 1 },
    spec,
  };
}

describe('a disruption budget', () => {
  const pods = [podOf('a'), podOf('b'), podOf('c', { ready: false })];

  it.each([
    [{ minAvailable: 1 }, { desiredHealthy: 1, currentHealthy: 2, expectedPods: 3, disruptionsAllowed: 1 }],
    [
      { minAvailable: '50%' },
      { desiredHealthy: 2, currentHealthy: 2, expectedPods: 4, disruptionsAllowed: 0 },
    ],
    [{ maxUnavailable: 1 }, { desiredHealthy: 3, currentHealthy: 2, expectedPods: 4, disruptionsAllowed: 0 }],
    [
      { maxUnavailable: '75%' },
      { desiredHealthy: 1, currentHealthy: 2, expectedPods: 4, disruptionsAllowed: 1 },
    ],
  ])('of %j allows what is left over', (spec, counts) => {
    const status = budgetStatus(budgetOf(spec), pods, 4, NOW);
    expect(status).toMatchObject({ ...counts, observedGeneration: 1 });
    const allowed = counts.disruptionsAllowed > 0;
    expect(status.conditions?.[0]).toMatchObject({
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    });
  });

  it('covers no pod without a selector and all with an empty one', () => {
    expect(coveredPods(undefined, pods)).toEqual([]);
    expect(coveredPods({}, pods)).toHaveLength(3);
  });
});

describe('an autoscaler without metrics', () => {
  const autoscaler: HorizontalPodAutoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 4 },
  };

  it('keeps its target between minimum and maximum', () => {
    expect(planAutoscaler(autoscaler, 1, NOW).replicas).toBe(2);
    expect(planAutoscaler(autoscaler, 3, NOW).replicas).toBeUndefined();
    expect(planAutoscaler(autoscaler, 9, NOW).replicas).toBe(4);
  });

  it('says that it cannot compute more, in the words of the real one', () => {
    const { status } = planAutoscaler(autoscaler, 3, NOW);
    expect(
      status.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason ?? ''}`),
    ).toEqual(['AbleToScale True SucceededGetScale', 'ScalingActive False FailedGetResourceMetric']);
    expect(status.conditions?.[1]?.message).toContain('(get pods.metrics.k8s.io)');
  });

  it('rests while its target is scaled to zero, and tells when it has none', () => {
    expect(planAutoscaler(autoscaler, 0, NOW).status.conditions?.[1]?.reason).toBe('ScalingDisabled');
    const lost = planWithoutTarget(autoscaler, 'deployments.apps "web" not found', NOW);
    expect(lost.status.conditions?.[0]).toMatchObject({
      type: 'AbleToScale',
      status: 'False',
      reason: 'FailedGetScale',
    });
  });
});

describe('a namespace that is being deleted', () => {
  it('lists what is left and who holds it', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };
    const remaining = new Map([
      ['deployments.apps', 2],
      ['configmaps.', 1],
    ]);
    const conditions = namespaceConditions(namespace, { remaining, finalizers: new Map([['x/f', 1]]) }, NOW);
    expect(conditions.map(({ status, message }) => `${String(status)} ${String(message)}`)).toEqual([
      'False All resources successfully discovered',
      'False All legacy kube types successfully parsed',
      'False All content successfully deleted, may be waiting on finalization',
      'True Some resources are remaining: configmaps. has 1 resource instances, deployments.apps has 2 resource instances',
      'True Some content in the namespace has finalizers remaining: x/f in 1 resource instances',
    ]);
  });
});

describe('a status patch', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n' } };

  it('names only what changed, and null for what is gone', () => {
    const patch = statusPatch(resourceTypes.pods, object, { a: 1, b: [1], c: 3 }, { a: 1, b: [2] });
    expect(patch).toMatchObject({ body: { status: { b: [2], c: null } }, subresource: 'status' });
    expect(
      statusPatch(resourceTypes.pods, object, { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }),
    ).toBeUndefined();
  });

  it('compares JSON whatever the order of keys, and arrays in order', () => {
    expect(canonicalJson({ b: 1, a: [2, undefined] })).toBe('{"a":[2,null],"b":1}');
    expect(sameJson([1, 2], [2, 1])).toBe(false);
  });
});
